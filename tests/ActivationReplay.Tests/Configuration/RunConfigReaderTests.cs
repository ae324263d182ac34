using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Replay;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Configuration;

/// <summary>How a configuration is read: what stands in place of what, and what is said of a bad one.</summary>
public sealed class RunConfigReaderTests : ConfigurationTest
{
    [Test]
    public void Tf32_IsOffUnlessAskedFor_AndAColumnOfItsOwn()
    {
        var (off, on) = (Read("seed: 1"), Read("pair: { tf32: true }"));

        (off.Pair.Tf32, on.Pair.Tf32).Should().Be((false, true));
        SettingColumns.Of(on, on.Cells[0]).Values["tf32"].Should().Be("true");
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
        var file = Path.Combine(Folder, "config.yaml");
        File.WriteAllText(file, "seed: 1\nname: Prüfung\n", System.Text.Encoding.Latin1);

        FluentActions.Invoking(() => RunConfigReader.Read(file, [])).Should().Throw<InvalidDataException>()
            .WithMessage($"{file}, line 2: this is not UTF-8*");
    }

    [Test]
    public void Override_ThatIsWrong_NamesTheOption() =>
        FluentActions.Invoking(() => Read("seed: 1", "replay.iterations=few")).Should().Throw<ConfigurationException>()
            .WithMessage("--set: replay.iterations is 'few'*whole number from 0");

    [Test]
    public void Pair_OfTheCommandLine_TakesThePlaceOfTheFilesCheckpoints()
    {
        var config = Read("pair: { base: , rlvr: x }", $"pair.path={Folder}");

        config.Pair.Base.Should().Be(Path.Combine(Folder, "base"));
        config.Pair.Rlvr.Should().Be(Path.Combine(Folder, "rlvr"));
    }

    [Test]
    public void Paths_OfAFile_AreRelativeToItsFolder()
    {
        File.WriteAllText(Path.Combine(Folder, "card.txt"), "Think.\n");

        var config = Read("prompt: { system-prompt-file: card.txt }\npair: { path: pairs }");

        config.SystemPrompt.Should().Be("Think.");
        config.Pair.Base.Should().Be(Path.Combine(Folder, "pairs", "base"));
    }

    [Test]
    public void Checkpoint_OfAFile_IsAFolderBesideIt_ElseAnIdOfTheHub()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "org", "base"));

        var config = Read("pair: { base: org/base, rlvr: org/rlvr@v1 }");

        config.Pair.Base.Should().Be(Path.Combine(Folder, "org", "base"));
        config.Pair.Rlvr.Should().Be("hf://org/rlvr@v1");
        (RunConfig.Named(config.Pair.Base), RunConfig.Named(config.Pair.Rlvr)).Should().Be((Path.Combine("org", "base"), "org/rlvr@v1"));
        Read("pair: { path: org/pair }").Pair.Base.Should().Be("hf://org/pair/base");
    }

    [Test]
    public void Override_WithoutAKey_IsRefused() =>
        FluentActions.Invoking(() => Read("seed: 1", "iterations")).Should().Throw<ConfigurationException>().WithMessage("--set*KEY=VALUE*");
}
