using System.Text.Json;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Replay;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Configuration;

/// <summary>The configurations of the repository, and what is made of their keys.</summary>
public sealed class ShippedConfigurationTests : ConfigurationTest
{
    private static IEnumerable<string> Shipped() => Directory.GetFiles(Configs, "*.yaml").Select(f => Path.GetFileName(f));

    [TestCaseSource(nameof(Shipped))]
    public void Read_OfAShippedConfiguration_HasBaselinesAndCells(string name)
    {
        var template = Path.Combine(Folder, "template.txt");
        File.WriteAllText(template, "{question}");
        var config = RunConfigReader.Read(
            Path.Combine(Configs, name),
            name.StartsWith("paper-", StringComparison.Ordinal) ? [.. Supplied, $"prompt.template-file={template}", "dataset.video-root=videos"] : []);

        config.Cells.Select(c => c.Id).Should().OnlyHaveUniqueItems().And.Contain("none").And.Contain("base");
        config.Cells.Count.Should().BeGreaterThan(2);
    }

    [TestCase("paper-mm-eureka", "FanqingM/MM-Eureka-Qwen-7B")]
    [TestCase("paper-vl-rethinker", "TIGER-Lab/VL-Rethinker-7B")]
    [TestCase("paper-mmr1", "MMR1/MMR1-Math-v0-7B")]
    [TestCase("paper-deepeyes", "ChenShawn/DeepEyes-7B")]
    [TestCase("paper-video-r1", "Video-R1/Video-R1-7B")]
    public void Published_ConfigurationsNameTheirModels(string name, string rlvr)
    {
        var keys = YamlKeys.Read(Path.Combine(Configs, name + ".yaml"));

        RunConfigReader.Pair(keys).Should().Match<PairConfig>(p => p.Base == "hf://Qwen/Qwen2.5-VL-7B-Instruct" && p.Rlvr == "hf://" + rlvr);
    }

    [TestCase("paper-mm-eureka", 16, 3136, 501760, 0.73, 0.735)]
    [TestCase("paper-vl-rethinker", 24, 200704, 1003520, 0.72, 0.724)]
    [TestCase("paper-mmr1", 16, 3136, 501760, 0.71, 0.719)]
    public void Published_ConfigurationsHaveTheirPresets(string name, int layers, int least, int most, double rlvr, double replay)
    {
        var config = RunConfigReader.Read(Path.Combine(Configs, name + ".yaml"), [.. Supplied, "published.benchmark=MathVista"]);

        var settings = config.Cells.Single(c => c.Method.Id == "replay").Settings;
        settings.Should().BeEquivalentTo(new ReplaySettings
        {
            Layers = [.. Enumerable.Range(0, layers)],
            Alignment = LayerAlignment.Reference,
        });
        (config.MinPixels, config.MaxPixels).Should().Be((least, most));
        (config.Generation.MaxNewTokens, config.Generation.Temperature, config.Pair.Dtype).Should().Be((2048, 0, "bfloat16"));
        config.Published!.Numbers.Should().HaveCount(8);
        var chosen = config.Published;
        (chosen.Of("base", null), chosen.Of("none", null), chosen.Of("replay", null), chosen.Of("reverse", null)).Should().Be((0.691, rlvr, replay, null));
        RunConfigReader.Read(Path.Combine(Configs, name + ".yaml"), [.. Supplied, "methods=[cross-model]"]).Cells
            .Single(c => c.Method.Id == "cross-model").Settings.Should().BeOfType<CrossModelSettings>().Which.CrossThresholds.Should().Equal(CrossModelSettings.PublishedThresholds.Take(7));
    }

    [TestCase("HRBench-4K-FCP", 0.522, 0.537, 0.563)]
    [TestCase("VisualProbe-hard", 0.679, 0.754, 0.759)]
    public void Published_OfAgents_AreTable3sSettingsAndNumbers(string benchmark, double ofBase, double rlvr, double replay)
    {
        var config = RunConfigReader.Read(Path.Combine(Configs, "paper-deepeyes.yaml"), [.. Supplied, $"published.benchmark={benchmark}"]);

        config.Agent.Should().Be(new AgentConfig(11, AgentStop.Released, BoxCoordinates.Released, OwnSystem: false, HasTool: true));
        (config.MinPixels, config.MaxPixels, config.Generation.MaxNewTokens, config.Generation.Temperature).Should().Be((4 * 28 * 28, 16384 * 28 * 28, 8192, 0));
        var cross = (CrossModelSettings)config.Cells.Single(c => c.Method.Id == "cross-model").Settings;
        cross.CrossThresholds.Should().Equal(CrossModelSettings.PublishedThresholds.Take(7));
        cross.Alignment.Should().Be(LayerAlignment.Reference);
        (config.Published!.Of("base", "zoom"), config.Published.Of("none", "zoom"), config.Published.Of("cross-model", "zoom"), config.Published.Of("replay", "zoom"))
            .Should().Be((ofBase, rlvr, replay, null));
    }

    [Test]
    public void Published_SettingsThatAreAssumed_AreMarked() =>
        RunConfigReader.Read(Path.Combine(Configs, "paper-mmr1.yaml"), Supplied).Published!.Note.Should().Contain("assumed");

    [Test]
    public void Schema_OfTheRepository_IsTheOneThatTheProgramPrints() =>
        File.ReadAllText(Path.Combine(Configs, "schema.json")).Should().Be(ConfigSchema.Write(), "`schema > ablations/configs/schema.json` makes it again");

    [Test]
    public void KeysPage_OfTheRepository_IsTheOneThatTheProgramPrints() =>
        File.ReadAllText(Path.Combine(Goldens.Repository, "docs", "keys.md")).Should().Be(KeyTable.Write(), "`schema --markdown > docs/keys.md` makes it again");

    [Test]
    public void Schema_IsJsonAndKnowsEveryAxis()
    {
        using var schema = JsonDocument.Parse(ConfigSchema.Write());

        var replay = schema.RootElement.GetProperty("properties").GetProperty("replay").GetProperty("properties");
        SettingKeys.All.Should().AllSatisfy(key => replay.TryGetProperty(key.Name, out _).Should().BeTrue(key.Name));
        schema.RootElement.GetProperty("additionalProperties").GetBoolean().Should().BeFalse();
    }
}
