using System.Text.Json;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Configuration;

public sealed class RunConfigReaderTests
{
    private string folder = null!;

    private static readonly string s_configs = Path.Combine(Goldens.Repository, "ablations", "configs");

    // What a published configuration leaves to its user.
    private static readonly string[] s_supplied = ["pair.base=b", "pair.rlvr=r", "dataset.path=d.tsv", "prompt.system-prompt-file=none"];

    private static IEnumerable<string> Shipped() => Directory.GetFiles(s_configs, "*.yaml").Select(f => Path.GetFileName(f));

    [SetUp]
    public void Create() => folder = Directory.CreateTempSubdirectory("config").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(folder, recursive: true);

    [TestCaseSource(nameof(Shipped))]
    public void Read_OfAShippedConfiguration_HasBaselinesAndCells(string name)
    {
        var template = Path.Combine(folder, "template.txt");
        File.WriteAllText(template, "{question}");
        var config = RunConfigReader.Read(
            Path.Combine(s_configs, name),
            name.StartsWith("paper-", StringComparison.Ordinal) ? [.. s_supplied, $"prompt.template-file={template}", "dataset.video-root=videos"] : []);

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
        config.Cells.Count(c => c.Method.Id == "replay").Should().Be(2);
        config.Cells.Count(c => c.Method.Id == "mid-layer").Should().Be(6);
        config.Cells.Count(c => c.Method.Id == "cross-model").Should().Be(2);
        config.Cells.Select(c => c.Id).Should().Contain("mid-layer layer=4 selection=high").And.Contain("cross-model cross-thresholds=2");
    }

    [Test]
    public void Tools_MakeCellsOfTheirOwn_AndTheFirstKeepsTheNames()
    {
        var config = Read("""
            methods: [replay]
            agent:
              tool: [zoom, none]
              turns: 4
              stop: released
              coordinates: seen
            """);

        config.Cells.Select(c => (c.Id, c.Tool)).Should().Equal(
            ("base", "zoom"), ("none", "zoom"), ("replay", "zoom"), ("base tool=none", "none"), ("none tool=none", "none"), ("replay tool=none", "none"));
        config.Agent.Should().Be(new AgentConfig(4, AgentStop.Released, BoxCoordinates.Seen, OwnSystem: true, HasTool: true));
        Read("methods: [replay]").Cells.Should().OnlyContain(c => c.Tool == null);
    }

    [TestCase("agent:\n  tool: hammer", "*agent.tool*hammer*zoom, none*")]
    [TestCase("agent:\n  turns: 3", "*agent.turns*agent.tool*")]
    [TestCase("agent:\n  tool: zoom\n  turns: 0", "*agent.turns*from 1*")]
    [TestCase("agent:\n  tool: zoom\n  stop: never", "*agent.stop*text, released*")]
    public void Read_OfAWrongAgent_SaysWhatIsAllowed(string yaml, string message) =>
        FluentActions.Invoking(() => Read(yaml)).Should().Throw<ConfigurationException>().WithMessage(message);

    // A system message from a file tells of the tool: a cell without one is asked without it.
    [Test]
    public void Prompt_OfACellWithoutTheTool_HasNoSystemMessageOfAFile()
    {
        File.WriteAllText(Path.Combine(folder, "s.txt"), "Use the tool.");
        var both = Read("agent:\n  tool: [zoom, none]\nprompt:\n  system-prompt-file: s.txt");
        var alone = Read("agent:\n  tool: none\nprompt:\n  system-prompt-file: s.txt");

        both.Agent!.Prompt(both, both.Cells[0]).System.Should().Be("Use the tool.");
        both.Agent.Prompt(both, both.Cells[^1]).System.Should().BeNull();
        alone.Agent!.Prompt(alone, alone.Cells[0]).System.Should().Be("Use the tool.");
    }

    [TestCase("true", "true", "zoom")]
    [TestCase("false", "false", null)]
    [TestCase("true", "false", "*1 of 2 rows*agent*")]
    public void Read_OfRowsThatAskForAnAgent_NeedsNoKey(string first, string second, string? expected)
    {
        var file = Path.Combine(folder, "q.jsonl");
        File.WriteAllText(file, $$"""
            {"question": "q", "answer": "a", "agent": {{first}}}
            {"question": "q", "answer": "a", "agent": {{second}}}
            """);

        if (first == second)
        {
            Read("dataset:\n  path: q.jsonl").Cells.Should().OnlyContain(c => c.Tool == expected);
        }
        else
        {
            FluentActions.Invoking(() => Read("dataset:\n  path: q.jsonl")).Should().Throw<ConfigurationException>().WithMessage(expected!);
        }
    }

    [Test]
    public void Defaults_AreTheShareOfLayersThatWasPublished()
    {
        // The embedded pair has 8 layers; a pair that is not there yet counts as a published one.
        Canonical(Read("methods: [replay, mid-layer, cross-model]")).Should().Equal(
            "base", "none", Canonical("replay", ReplaySettings.For(8)), Canonical("mid-layer", MidLayerSettings.For(8)), Canonical("cross-model", CrossModelSettings.For(8)));
        Canonical(Read("methods: [replay]\npair: { path: nowhere }"))[^1].Should().Be(Canonical("replay", new ReplaySettings()));
    }

    [Test]
    public void Tf32_IsOffUnlessAskedFor_AndAColumnOfItsOwn()
    {
        var (off, on) = (Read("seed: 1"), Read("pair: { tf32: true }"));

        (off.Pair.Tf32, on.Pair.Tf32).Should().Be((false, true));
        SettingColumns.Of(on, on.Cells[0]).Values["tf32"].Should().Be("true");
    }

    [Test]
    public void Settings_AreWrittenOnce_AndReadBackFromTheirText()
    {
        foreach (var method in ReplayMethods.Ids.Select(ReplayMethods.Get))
        {
            var settings = method.Defaults(28);
            foreach (var key in SettingKeys.Of(settings))
            {
                if (key.Text(settings) is { } text)
                {
                    key.Text(key.Set(settings, new ConfigValue("f", 1, key.Name, text))).Should().Be(text, $"{method.Id} {key.Name}");
                }
            }

            SettingKeys.Canonical(method, settings).Should().StartWith(method.Id);
        }

        SettingColumns.Names.Should().OnlyHaveUniqueItems();
    }

    [Test]
    public void Cell_OfAStoredRun_IsReadBack()
    {
        var cells = Read("methods: [replay, mid-layer, cross-model, local-smooth, global-smooth]\nreplay: { top-tokens: 7, seed: 3 }").Cells;

        var read = JsonSerializer.Deserialize<IReadOnlyList<Cell>>(JsonSerializer.Serialize(cells, JournalJson.Options), JournalJson.Options)!;

        read.Select(c => (c.Id, SettingKeys.Canonical(c.Method, c.Settings))).Should().Equal(cells.Select(c => (c.Id, SettingKeys.Canonical(c.Method, c.Settings))));
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

        config.Cells.Where(c => c.Method.Id == "replay").Select(c => (ReplaySettings)c.Settings).Select(c => (c.Selection, c.TopK)).Should().Equal(
            (EntropySelection.Low, 10), (EntropySelection.Low, 50), (EntropySelection.High, 10), (EntropySelection.Low, 0));
    }

    [Test]
    public void Overrides_TakeThePlaceOfTheFilesValues()
    {
        var config = Read("replay: { iterations: [1, 2] }", "replay.iterations=7", "generation.samples=3", "methods=[replay, reverse]");

        config.Cells.Where(c => c.Method.Id == "reverse").Should().ContainSingle().Which.Settings.Should().BeOfType<ReplaySettings>().Which.Iterations.Should().Be(7);
        config.Generation.Samples.Should().Be(3);
    }

    [TestCase("replay:\n  layrs: 4", "line 2*replay.layrs is no setting*layers*")]
    [TestCase("replay:\n  selection: lowest", "line 2*replay.selection is 'lowest'*low, high, all, random")]
    [TestCase("generation:\n  temperature: -1", "line 2*generation.temperature is '-1'*a number from 0")]
    [TestCase("generation:\n  samples: many", "line 2*generation.samples is 'many'*whole number from 1")]
    [TestCase("\nsede: 4", "line 2*sede is no key*seed*")]
    [TestCase("methods: [magic]", "line 1*methods is 'magic'*replay*")]
    [TestCase("seed: [1, 2]", "line 1*seed has 2 values*one*")]
    [TestCase("replay: { words: 3, top-tokens: 4 }", "line 1*former name of replay.top-tokens*")]
    [TestCase("include: [{ method: replay, layer: 4 }]", "line 1*include.layer: replay has no such setting; it has layers*")]
    [TestCase("replay:\n  learning-rate: 1e300", "line 2*replay.learning-rate is '1e300'*above 0*")]
    [TestCase("replay:\n  threshold: half", "line 2*replay.threshold*quantile:Q*")]
    [TestCase("replay:\n  grid-ratio: 2", "line 2*replay.grid-ratio is '2'*at most 1*")]
    [TestCase("exclude: [{ selektion: low }]", "line 1*selektion is no setting*")]
    [TestCase("prompt:\n  system-prompt-file: card.txt", "line 2*card.txt is not there*")]
    [TestCase("a: [", "line *this is not YAML*")]
    [TestCase("- 1", "line 1*one YAML mapping*")]
    [TestCase("seed: 1\nseed: 2", "line 2*this is not YAML*")]
    [TestCase("replay:\n  layers: []", "line 2*replay.layers is an empty list*")]
    [TestCase("pair:\n  device: tpu", "line 2*pair.device: device 'tpu'*cpu, cuda, cuda:N, or *There *")]
    [TestCase("seed: 1\npair:\n  device:\n  base:", "line 3*pair.device: device ''*cpu, cuda, cuda:N, or *There *")]
    [TestCase("pair:\n  path: []", "line 2*pair.path is an empty list*")]
    [TestCase("pair:\n  tf32: maybe", "line 2*pair.tf32 is 'maybe'*true, false")]
    [TestCase("pair:\n  models: three", "line 2*pair.models is 'three'*both, one")]
    [TestCase("name: ../up", "line 1*name is '../up'*folder's name*")]
    [TestCase("replay:\n  layers:\n    from: 1", "line 3*replay.layers: a value or a list*")]
    [TestCase("prompt:\n  min-pixels: 100\n  max-pixels: 50", "line 3*max-pixels is '50'*from 100*")]
    [TestCase("generation:\n  batch: -1", "line 2*generation.batch is '-1'*")]
    [TestCase("generation:\n  samples: 99999999999", "line 2*whole number from 1")]
    [TestCase("exclude:\n  - method: reply", "line 2*exclude.method is 'reply'*replay*")]
    [TestCase("exclude:\n  - selection: lowest", "line 2*exclude.selection is 'lowest'*low, high*")]
    [TestCase("exclude: { selection: low }", "line 1*exclude is a list of mappings*")]
    [TestCase("published:\n  MathVista: [1, 2]", "line 2*published.MathVista has 2 values*three percentages*")]
    [TestCase("published:\n  MathVista: [1, 2, 103]", "line 2*published.MathVista is '103'*three percentages*")]
    [TestCase("published:\n  MathVista: [1, 2, 3]\n  benchmark: Maths", "line 3*published.benchmark is 'Maths'*MathVista")]
    [TestCase("seed: 1\npair:\n  base:\n  rlvr: ~", "line 3*yours to supply*pair.base (line 3)*by --base or --set pair.base=…; pair.rlvr (line 4)*")]
    [TestCase("seed:", "line 1*yours to supply*seed (line 1): a whole number from 0*")]
    public void Read_OfABadFile_NamesFileLineKeyAndWhatIsAllowed(string text, string message) =>
        FluentActions.Invoking(() => Read(text)).Should().Throw<ConfigurationException>().WithMessage("*config.yaml, " + message);

    [TestCase('[', ']')]
    [TestCase('{', '}')]
    public void Read_OfDeepYaml_IsRefused_NotTheEndOfTheProcess(char open, char close) =>
        FluentActions.Invoking(() => Read("seed: " + new string(open, 100_000) + new string(close, 100_000)))
            .Should().Throw<ConfigurationException>().WithMessage("*config.yaml, line 1*nested too deeply*");

    [Test]
    public void Read_OfALatin1File_NamesItsLine()
    {
        var file = Path.Combine(folder, "config.yaml");
        File.WriteAllText(file, "seed: 1\nname: Prüfung\n", System.Text.Encoding.Latin1);

        FluentActions.Invoking(() => RunConfigReader.Read(file, [])).Should().Throw<InvalidDataException>()
            .WithMessage($"{file}, line 2: this is not UTF-8*");
    }

    [Test]
    public void Override_ThatIsWrong_NamesTheOption() =>
        FluentActions.Invoking(() => Read("seed: 1", "replay.iterations=few")).Should().Throw<ConfigurationException>()
            .WithMessage("--set: replay.iterations is 'few'*whole number from 0");

    [Test]
    public void Exclude_TakesNumbersByValue() =>
        Read("replay: { learning-rate: [0.1, 10] }\nexclude: [{ learning-rate: 0.10 }]").Cells
            .Where(c => c.Method.Id == "replay").Should().ContainSingle().Which.Settings.Should().BeOfType<ReplaySettings>().Which.LearningRate.Should().Be(10);

    [Test]
    public void Pair_OfTheCommandLine_TakesThePlaceOfTheFilesCheckpoints()
    {
        var config = Read("pair: { base: , rlvr: x }", $"pair.path={folder}");

        config.Pair.Base.Should().Be(Path.Combine(folder, "base"));
        config.Pair.Rlvr.Should().Be(Path.Combine(folder, "rlvr"));
    }

    [Test]
    public void Paths_OfAFile_AreRelativeToItsFolder()
    {
        File.WriteAllText(Path.Combine(folder, "card.txt"), "Think.\n");

        var config = Read("prompt: { system-prompt-file: card.txt }\npair: { path: pairs }");

        config.SystemPrompt.Should().Be("Think.");
        config.Pair.Base.Should().Be(Path.Combine(folder, "pairs", "base"));
    }

    [Test]
    public void Checkpoint_OfAFile_IsAFolderBesideIt_ElseAnIdOfTheHub()
    {
        Directory.CreateDirectory(Path.Combine(folder, "org", "base"));

        var config = Read("pair: { base: org/base, rlvr: org/rlvr@v1 }");

        config.Pair.Base.Should().Be(Path.Combine(folder, "org", "base"));
        config.Pair.Rlvr.Should().Be("hf://org/rlvr@v1");
        (RunConfig.Named(config.Pair.Base), RunConfig.Named(config.Pair.Rlvr)).Should().Be((Path.Combine("org", "base"), "org/rlvr@v1"));
        Read("pair: { path: org/pair }").Pair.Base.Should().Be("hf://org/pair/base");
    }

    [TestCase("paper-mm-eureka", "FanqingM/MM-Eureka-Qwen-7B")]
    [TestCase("paper-vl-rethinker", "TIGER-Lab/VL-Rethinker-7B")]
    [TestCase("paper-mmr1", "MMR1/MMR1-Math-v0-7B")]
    [TestCase("paper-deepeyes", "ChenShawn/DeepEyes-7B")]
    [TestCase("paper-video-r1", "Video-R1/Video-R1-7B")]
    public void Published_ConfigurationsNameTheirModels(string name, string rlvr)
    {
        var keys = YamlKeys.Read(Path.Combine(s_configs, name + ".yaml"));

        RunConfigReader.Pair(keys).Should().Match<PairConfig>(p => p.Base == "hf://Qwen/Qwen2.5-VL-7B-Instruct" && p.Rlvr == "hf://" + rlvr);
    }

    [TestCase("paper-mm-eureka", 16, 3136, 501760, 0.73, 0.735)]
    [TestCase("paper-vl-rethinker", 24, 200704, 1003520, 0.72, 0.724)]
    [TestCase("paper-mmr1", 16, 3136, 501760, 0.71, 0.719)]
    public void Published_ConfigurationsHaveTheirPresets(string name, int layers, int least, int most, double rlvr, double replay)
    {
        var config = RunConfigReader.Read(Path.Combine(s_configs, name + ".yaml"), [.. s_supplied, "published.benchmark=MathVista"]);

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
        RunConfigReader.Read(Path.Combine(s_configs, name + ".yaml"), [.. s_supplied, "methods=[cross-model]"]).Cells
            .Single(c => c.Method.Id == "cross-model").Settings.Should().BeOfType<CrossModelSettings>().Which.CrossThresholds.Should().Equal(CrossModelSettings.PublishedThresholds.Take(7));
    }

    [TestCase("HRBench-4K-FCP", 0.522, 0.537, 0.563)]
    [TestCase("VisualProbe-hard", 0.679, 0.754, 0.759)]
    public void Published_OfAgents_AreTable3sSettingsAndNumbers(string benchmark, double ofBase, double rlvr, double replay)
    {
        var config = RunConfigReader.Read(Path.Combine(s_configs, "paper-deepeyes.yaml"), [.. s_supplied, $"published.benchmark={benchmark}"]);

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
        RunConfigReader.Read(Path.Combine(s_configs, "paper-mmr1.yaml"), s_supplied).Published!.Note.Should().Contain("assumed");

    [Test]
    public void Schema_OfTheRepository_IsTheOneThatTheProgramPrints() =>
        File.ReadAllText(Path.Combine(s_configs, "schema.json")).Should().Be(ConfigSchema.Write(), "`schema > ablations/configs/schema.json` makes it again");

    [Test]
    public void KeysPage_OfTheRepository_IsTheOneThatTheProgramPrints() =>
        File.ReadAllText(Path.Combine(Goldens.Repository, "docs", "keys.md")).Should().Be(KeyTable.Write(), "`schema --markdown > docs/keys.md` makes it again");

    [Test]
    public void Override_WithoutAKey_IsRefused() =>
        FluentActions.Invoking(() => Read("seed: 1", "iterations")).Should().Throw<ConfigurationException>().WithMessage("--set*KEY=VALUE*");

    [Test]
    public void Schema_IsJsonAndKnowsEveryAxis()
    {
        using var schema = JsonDocument.Parse(ConfigSchema.Write());

        var replay = schema.RootElement.GetProperty("properties").GetProperty("replay").GetProperty("properties");
        SettingKeys.All.Should().AllSatisfy(key => replay.TryGetProperty(key.Name, out _).Should().BeTrue(key.Name));
        schema.RootElement.GetProperty("additionalProperties").GetBoolean().Should().BeFalse();
    }

    private static string Canonical(string method, MethodSettings settings) => SettingKeys.Canonical(ReplayMethods.Get(method), settings);

    private static IReadOnlyList<string> Canonical(RunConfig config) => [.. config.Cells.Select(c => SettingKeys.Canonical(c.Method, c.Settings))];

    private RunConfig Read(string text, params string[] overrides)
    {
        var file = Path.Combine(folder, "config.yaml");
        File.WriteAllText(file, text);
        return RunConfigReader.Read(file, overrides);
    }
}
