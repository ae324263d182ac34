using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Tests.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary><c>ls</c>, <c>show</c>, <c>report</c>, <c>validate</c>, <c>--dry-run</c>. They write to the process's console.</summary>
[NonParallelizable]
public sealed class StoredRunTests
{
    private static readonly string s_pair = Path.Combine(Goldens.Repository, "ablations", "pairs", "counting");
    private TempFolder folder = null!;
    private QuietConsole console = null!;

    [SetUp]
    public void Redirect()
    {
        folder = new TempFolder();
        console = new QuietConsole();
    }

    [TearDown]
    public void Restore()
    {
        console.Dispose();
        folder.Dispose();
    }

    [Test]
    public async Task State_TellsUnfinishedRunningAndFinished()
    {
        var config = MadeRuns.Config();
        MadeRuns.Manifest(config, questions: 1).Write(folder.Path);
        using (var run = RunFolder.Open(folder.Path))
        {
            run.Add(MadeRuns.Answers("none", "1"));
            State().Should().Be("running");
            (await CommandLine.RunAsync(["show", folder.Path])).Should().Be(ExitCode.Success, "one may look at a run that is going on");
            (await CommandLine.RunAsync(["report", folder.Path])).Should().Be(ExitCode.Usage, "two do not write a run");
            console.Errors.Should().Contain("another process");
        }

        State().Should().Be("unfinished");
        using (var run = RunFolder.Open(folder.Path))
        {
            run.Add([.. MadeRuns.Answers("base", "1"), MadeRuns.Entry(MadeRuns.Row("replay", "000", null))]);
        }

        State().Should().Be("finished");
        (await CommandLine.RunAsync(["show", folder.Path])).Should().Be(ExitCode.RowsFailed);

        string State() => StoredRun.Read(folder.Path).State;
    }

    [Test]
    public async Task Ls_ListsWhatItCannotRead()
    {
        Directory.CreateDirectory(folder.PathOf("bad"));
        File.WriteAllText(folder.PathOf("bad", "run.json"), "{");

        (await CommandLine.RunAsync(["ls", folder.Path])).Should().Be(ExitCode.Success);
    }

    [Test]
    public async Task Report_MakesTheFilesAgain()
    {
        MadeRuns.Manifest(MadeRuns.Config(), questions: 2).Write(folder.Path);
        using (var run = RunFolder.Open(folder.Path))
        {
            run.Add(MadeRuns.Answers("none", "10"));
        }

        (await CommandLine.RunAsync(["report", folder.Path])).Should().Be(ExitCode.Success, console.Errors);

        File.ReadAllText(folder.PathOf("cells.csv")).Should().Contain("none,2,2,0,0,0,0.5");
        File.ReadAllText(folder.PathOf("summary.md")).Should().Contain("2 of 2 questions");
    }

    [Test]
    public async Task DryRun_WritesNothing()
    {
        (await CommandLine.RunAsync(["run", "tokens", "--dry-run", "--out", folder.PathOf("r")])).Should().Be(ExitCode.Success);

        Directory.Exists(folder.PathOf("r")).Should().BeFalse();
    }

    [Test]
    public async Task Validate_OfAPublishedConfiguration_NamesAllThatIsToBeSupplied()
    {
        (await CommandLine.RunAsync(["validate", "paper-vl-rethinker"])).Should().Be(ExitCode.Usage);

        console.Errors.Should().MatchRegex(@"paper-vl-rethinker\.yaml, line \d+: yours to supply")
            .And.Contain("pair.base (line ").And.Contain("by --base or --set pair.base=…")
            .And.Contain("--rlvr").And.Contain("--dataset").And.Contain("--system-prompt-file");
    }

    [Test]
    public async Task Validate_OfAPublishedConfiguration_WithoutTheCheckpoint_NamesItsFolder()
    {
        var code = await CommandLine.RunAsync(
            ["validate", "paper-mmr1", "--base", folder.PathOf("b"), "--rlvr", folder.PathOf("r"), "--dataset", "counting:test:2", "--system-prompt-file", "none"]);

        code.Should().Be(ExitCode.Checkpoint);
        console.Errors.Should().Contain(folder.PathOf("b"));
    }

    [TestCase("replay.layers=16", ExitCode.Usage, "cell 'replay'*layers 0 to 7")]
    [TestCase("replay.layers=8", ExitCode.Success, "")]
    public async Task Validate_OfAPublishedConfiguration_OnASmallPair_ChecksItsLayers(string layers, int expected, string message)
    {
        File.WriteAllText(folder.PathOf("prompt.txt"), "Think.");

        var code = await CommandLine.RunAsync(
            ["validate", "paper-mm-eureka", "--pair", s_pair, "--dataset", "counting:test:2", "--system-prompt-file", folder.PathOf("prompt.txt"),
             "--benchmark", "MathVista", "--set", "generation.max-new-tokens=8", "--set", "prompt.max-pixels=28224", "--set", layers]);

        code.Should().Be(expected, console.Errors);
        console.Errors.Should().Match($"*{message}*");
    }

    [Test]
    public async Task Validate_ReadsEveryPicture()
    {
        File.WriteAllText(folder.PathOf("bad.png"), "no picture");
        File.Copy(Path.Combine(Goldens.Repository, "ablations", "datasets", "counting", "images", "0000.png"), folder.PathOf("good.png"));
        File.WriteAllLines(folder.PathOf("data.jsonl"),
        [
            """{"id": "good", "question": "How many?", "images": ["good.png"], "answer": "1"}""",
            """{"id": "worse", "question": "How many?", "images": ["bad.png"], "answer": "1"}""",
        ]);

        (await CommandLine.RunAsync(["validate", "quick", "--dataset", folder.PathOf("data.jsonl")])).Should().Be(ExitCode.RowsFailed);
        console.Errors.Should().Contain("worse: ").And.Contain("bad.png");
    }

    [Test]
    public async Task Run_WithAPublishedBenchmark_WritesPublishedCsv()
    {
        var code = await CommandLine.RunAsync(
            ["run", "paper-mmr1", "--pair", s_pair, "--dataset", "counting:test:2", "--system-prompt-file", "none", "--benchmark", "MMMU-Pro",
             "--dtype", "float32", "--set", "replay.layers=2", "--set", "replay.iterations=1", "--max-new-tokens", "2", "--set", "prompt.max-pixels=28224",
             "--out", folder.PathOf("r")]);

        code.Should().Be(ExitCode.Success, console.Errors);
        var lines = File.ReadAllLines(folder.PathOf("r", "published.csv"));
        lines.Should().HaveCount(4);
        lines[1].Should().StartWith("MMMU-Pro,base,2,").And.Contain(",0.383,").And.Contain("assumed");
    }
}
