using System.Text.Json;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Replay;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Configuration;

public sealed class RunConfigReaderTests
{
    private string folder = null!;

    private static IEnumerable<string> Shipped() =>
        Directory.GetFiles(Path.Combine(Goldens.Repository, "ablations", "configs"), "*.yaml").Select(f => Path.GetFileName(f));

    [SetUp]
    public void Create() => folder = Directory.CreateTempSubdirectory("config").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(folder, recursive: true);

    [TestCaseSource(nameof(Shipped))]
    public void Read_OfAShippedConfiguration_HasBaselinesAndCells(string name)
    {
        var config = RunConfigReader.Read(Path.Combine(Goldens.Repository, "ablations", "configs", name), []);

        config.Cells.Select(c => c.Id).Should().OnlyHaveUniqueItems().And.Contain("none").And.Contain("base");
        config.Cells.Count.Should().BeGreaterThan(2);
    }

    [Test]
    public void Matrix_IsTheProductOfWhatEachMethodUses()
    {
        var config = Read("""
            methods: [replay, mid-layer, cross-model]
            replay:
              selection: [low, high]
              layer: [2, 4, 6]
              iterations: 5
              cross-thresholds: [1, 2]
            """);

        // mid-layer has layers and selections, replay no layer, cross-model neither.
        config.Cells.Count(c => c.Method == "replay").Should().Be(2);
        config.Cells.Count(c => c.Method == "mid-layer").Should().Be(6);
        config.Cells.Count(c => c.Method == "cross-model").Should().Be(2);
        config.Cells.Select(c => c.Id).Should().Contain("mid-layer layer=4 selection=high").And.Contain("cross-model cross-thresholds=2");
    }

    [Test]
    public void ExcludeAndInclude_TakeAwayAndAddCells()
    {
        var config = Read("""
            baselines: []
            methods: [replay]
            replay: { selection: [low, high], words: [10, 50] }
            exclude: [{ selection: high, words: 50 }]
            include: [{ method: replay, words: 0 }]
            """.Replace("baselines: []", "baselines: [none]", StringComparison.Ordinal));

        config.Cells.Where(c => c.Method == "replay").Select(c => (c.Settings.Selection, c.Settings.TopK)).Should().Equal(
            (EntropySelection.Low, 10), (EntropySelection.Low, 50), (EntropySelection.High, 10), (EntropySelection.Low, 0));
    }

    [Test]
    public void Overrides_TakeThePlaceOfTheFilesValues()
    {
        var config = Read("replay: { iterations: [1, 2] }", "replay.iterations=7", "generation.samples=3", "methods=[replay, reverse]");

        config.Cells.Where(c => c.Method == "reverse").Should().ContainSingle().Which.Settings.Iterations.Should().Be(7);
        config.Generation.Samples.Should().Be(3);
    }

    [TestCase("replay:\n  layrs: 4", "line 2*replay.layrs is no setting*layers*")]
    [TestCase("replay:\n  selection: lowest", "line 2*replay.selection is 'lowest'*low, high, all, random")]
    [TestCase("generation:\n  temperature: -1", "line 2*generation.temperature is '-1'*a number from 0")]
    [TestCase("generation:\n  samples: many", "line 2*generation.samples is 'many'*whole number from 1")]
    [TestCase("\nsede: 4", "line 2*sede is no key*seed*")]
    [TestCase("methods: [magic]", "line 1*methods is 'magic'*replay*")]
    [TestCase("seed: [1, 2]", "line 1*seed has 2 values*one*")]
    [TestCase("replay:\n  threshold: half", "line 2*replay.threshold*quantile:Q*")]
    [TestCase("replay:\n  grid-ratio: 2", "line 2*replay.grid-ratio is '2'*at most 1*")]
    [TestCase("exclude: [{ selektion: low }]", "line 1*selektion is no setting*")]
    [TestCase("prompt:\n  system-prompt-file: card.txt", "line 2*card.txt is not there*")]
    [TestCase("a: [", "line *")]
    [TestCase("- 1", "line 1*one YAML mapping*")]
    public void Read_OfABadFile_NamesFileLineKeyAndWhatIsAllowed(string text, string message) =>
        FluentActions.Invoking(() => Read(text)).Should().Throw<ConfigurationException>().WithMessage("*config.yaml, " + message);

    [Test]
    public void Override_WithoutAKey_IsRefused() =>
        FluentActions.Invoking(() => Read("seed: 1", "iterations")).Should().Throw<ConfigurationException>().WithMessage("--set*KEY=VALUE*");

    [Test]
    public void Schema_IsJsonAndKnowsEveryAxis()
    {
        using var schema = JsonDocument.Parse(ConfigSchema.Write());

        var replay = schema.RootElement.GetProperty("properties").GetProperty("replay").GetProperty("properties");
        ReplayAxes.All.Should().AllSatisfy(axis => replay.TryGetProperty(axis.Key, out _).Should().BeTrue(axis.Key));
        schema.RootElement.GetProperty("additionalProperties").GetBoolean().Should().BeFalse();
    }

    private RunConfig Read(string text, params string[] overrides)
    {
        var file = Path.Combine(folder, "config.yaml");
        File.WriteAllText(file, text);
        return RunConfigReader.Read(file, overrides);
    }
}
