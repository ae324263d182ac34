using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Outputs;
using ActivationReplay.Tests.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary><c>ls</c>, <c>show</c>, <c>report</c>, <c>validate</c>, <c>--dry-run</c>.</summary>
public sealed class StoredRunTests : CommandTest
{
    private static readonly string s_pair = Path.Combine(Goldens.Repository, "ablations", "pairs", "counting");
    [Test]
    public async Task State_TellsUnfinishedRunningAndFinished()
    {
        var config = MadeRuns.Config();
        MadeRuns.Manifest(config, questions: 1).Write(Folder.Path);
        using (var run = RunFolder.Open(Folder.Path))
        {
            run.Add(MadeRuns.Answers("none", "1"));
            State().Should().Be("running");
            (await CommandLine.RunAsync(["show", Folder.Path])).Should().Be(ExitCode.Success, "one may look at a run that is going on");
            (await CommandLine.RunAsync(["report", Folder.Path])).Should().Be(ExitCode.Usage, "two do not write a run");
            Errors.Should().Contain("another process");
        }

        State().Should().Be("unfinished");
        using (var run = RunFolder.Open(Folder.Path))
        {
            run.Add([.. MadeRuns.Answers("base", "1"), MadeRuns.Entry(MadeRuns.Row("replay", "000", null))]);
        }

        State().Should().Be("finished");
        (await CommandLine.RunAsync(["show", Folder.Path])).Should().Be(ExitCode.RowsFailed);

        string State() => StoredRun.Read(Folder.Path).State;
    }

    [Test]
    public async Task Ls_ListsWhatItCannotRead()
    {
        Directory.CreateDirectory(Folder.PathOf("bad"));
        File.WriteAllText(Folder.PathOf("bad", "run.json"), "{");

        (await CommandLine.RunAsync(["ls", Folder.Path])).Should().Be(ExitCode.Success);
    }

    [Test]
    public async Task Report_MakesTheFilesAgain()
    {
        MadeRuns.Manifest(MadeRuns.Config(), questions: 2).Write(Folder.Path);
        using (var run = RunFolder.Open(Folder.Path))
        {
            run.Add(MadeRuns.Answers("none", "10"));
        }

        (await CommandLine.RunAsync(["report", Folder.Path])).Should().Be(ExitCode.Success, Errors);

        File.ReadAllText(Folder.PathOf("cells.csv")).Should().Contain("none,2,2,0,0,0,0.5");
        File.ReadAllText(Folder.PathOf("summary.md")).Should().Contain("2 of 2 questions");
    }

    [Test]
    public async Task Report_WithoutTheJournal_IsRefused_SaysWhatMakesItAgain_AndTouchesNothing([Values] bool journalIsEmpty, [Values] bool overwrite)
    {
        TablesAlone();
        if (journalIsEmpty)
        {
            File.WriteAllText(RunFolder.Journal(Folder.Path), "");
        }

        var before = FolderBytes.Of(Folder.Path);
        string[] asked = overwrite ? ["--overwrite"] : [];

        (await Invoke(["report", Folder.Path, .. asked])).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("tables of 12 answers, but not the journal").And.Contain("-- run quick").And.Contain("--resume discard");
        FolderBytes.Of(Folder.Path).Should().BeEquivalentTo(before);
    }

    [Test]
    public async Task Report_OfAJournalOfFewerAnswersThanTheTables_IsRefused_UnlessItIsAskedFor()
    {
        MadeRuns.Finished(Folder.Path);
        var journal = RunFolder.Journal(Folder.Path);
        File.WriteAllLines(journal, File.ReadAllLines(journal).Take(7));
        var before = FolderBytes.Of(Folder.Path);

        (await Invoke("report", Folder.Path)).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("hold 12 answers and the journal only 7").And.Contain("-- run quick").And.Contain("--overwrite");
        FolderBytes.Of(Folder.Path).Should().BeEquivalentTo(before);
        StoredRun.Read(Folder.Path).State.Should().Be("unfinished");

        (await Invoke("report", Folder.Path, "--overwrite")).Should().Be(ExitCode.Success);
        StoredTables.Read(Folder.Path).Should().Be(new StoredTables(7, 0));
    }

    [Test]
    public async Task Report_OfNoAnswersAtAll_IsRefused()
    {
        MadeRuns.Manifest(MadeRuns.Config()).Write(Folder.Path);

        (await Invoke("report", Folder.Path)).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("holds no answer (journal.jsonl)");
        Directory.GetFiles(Folder.Path).Should().ContainSingle();
    }

    [Test]
    public async Task Show_WithoutTheJournal_PrintsTheTablesThatAreThere()
    {
        TablesAlone();
        File.Delete(Folder.PathOf("samples.csv"));

        (await Invoke("show", Folder.Path)).Should().Be(ExitCode.Success, Errors);

        var stored = StoredRun.Read(Folder.Path);
        (stored.State, stored.Done, stored.Failed).Should().Be(("tables only", 12, 0));
        stored.Report().Cells.Select(c => (c.Cell, c.Questions, c.Accuracy)).Should().Equal(("base", 4, 0.5), ("none", 4, 0.5), ("replay", 4, 0.75));
        using var process = new RunProcess("ls", Folder.Path);
        process.WaitFor("tables only");
        process.Finish().Code.Should().Be(ExitCode.Success);
    }

    [TestCase("same", "Name another --out, or begin anew in their place with --resume discard")]
    [TestCase("never", "Name another --out")]
    public async Task Run_IntoTablesWithoutTheirJournal_IsRefused_AndTouchesNothing(string resume, string message)
    {
        TablesAlone();
        var before = FolderBytes.Of(Folder.Path);

        (await Invoke("run", "quick", "--limit", "1", "--resume", resume, "--out", Folder.Path)).Should().Be(ExitCode.Usage);

        Errors.Should().Contain(message);
        FolderBytes.Of(Folder.Path).Should().BeEquivalentTo(before);
    }

    [Test]
    public async Task Run_IntoTablesWithoutTheirJournal_ThatDiscardsThem_BeginsAnew()
    {
        TablesAlone();
        File.WriteAllText(Folder.PathOf("published.csv"), "benchmark\n");

        (await Invoke("run", "quick", "--limit", "1", "--max-new-tokens", "2", "--resume", "discard", "--out", Folder.Path)).Should().Be(ExitCode.Success, Errors);

        StoredTables.Read(Folder.Path).Should().Be(new StoredTables(3, 0));
        File.Exists(Folder.PathOf("published.csv")).Should().BeFalse("nothing of the old run stays beside the new one");
    }

    [Test]
    public async Task Merge_OfOrIntoTablesWithoutTheirJournal_IsRefused_AndTouchesNothing()
    {
        Directory.CreateDirectory(Folder.PathOf("tables"));
        Directory.CreateDirectory(Folder.PathOf("whole"));
        MadeRuns.Finished(Folder.PathOf("whole"));
        MadeRuns.Finished(Folder.PathOf("tables"));
        File.Delete(RunFolder.Journal(Folder.PathOf("tables")));
        var before = FolderBytes.Of(Folder.Path);

        (await Invoke("merge", Folder.PathOf("whole"), "--out", Folder.PathOf("tables"))).Should().Be(ExitCode.Usage);
        (await Invoke("merge", Folder.PathOf("whole"), Folder.PathOf("tables"), "--out", Folder.PathOf("new"))).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("not the journal").And.Contain("the others would be lost");
        FolderBytes.Of(Folder.Path).Should().BeEquivalentTo(before);
    }

    [Test]
    public async Task Merge_IntoAFolderThatHoldsSomethingElse_IsRefused()
    {
        Directory.CreateDirectory(Folder.PathOf("whole"));
        Directory.CreateDirectory(Folder.PathOf("other"));
        MadeRuns.Finished(Folder.PathOf("whole"));
        File.WriteAllText(Folder.PathOf("other", "cells.csv"), "mine");

        (await Invoke("merge", Folder.PathOf("whole"), "--out", Folder.PathOf("other"))).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("holds no run, but cells.csv");
        FolderBytes.Of(Folder.PathOf("other")).Keys.Should().Equal("cells.csv");
    }

    [Test]
    public async Task DryRun_WritesNothing()
    {
        (await CommandLine.RunAsync(["run", "tokens", "--dry-run", "--out", Folder.PathOf("r")])).Should().Be(ExitCode.Success);

        Directory.Exists(Folder.PathOf("r")).Should().BeFalse();
    }

    [Test]
    public async Task Validate_OfAPublishedConfiguration_NamesAllThatIsToBeSupplied()
    {
        (await CommandLine.RunAsync(["validate", "paper-vl-rethinker"])).Should().Be(ExitCode.Usage);

        Errors.Should().MatchRegex(@"paper-vl-rethinker\.yaml, line \d+: yours to supply")
            .And.Contain("dataset.path (line ").And.Contain("by --dataset or --set dataset.path=…")
            .And.Contain("--system-prompt-file").And.NotContain("--base", "the models are named");
    }

    [Test]
    public async Task Validate_OfAPublishedConfiguration_WithoutTheCheckpoint_NamesItsFolder()
    {
        var code = await CommandLine.RunAsync(
            ["validate", "paper-mmr1", "--base", Folder.PathOf("b"), "--rlvr", Folder.PathOf("r"), "--dataset", "counting:test:2", "--system-prompt-file", "none"]);

        code.Should().Be(ExitCode.Checkpoint);
        Errors.Should().Contain(Folder.PathOf("b"));
    }

    [TestCase("replay.layers=16", ExitCode.Usage, "cell 'replay'*layers 0 to 7")]
    [TestCase("replay.layers=8", ExitCode.Success, "")]
    public async Task Validate_OfAPublishedConfiguration_OnASmallPair_ChecksItsLayers(string layers, int expected, string message)
    {
        File.WriteAllText(Folder.PathOf("prompt.txt"), "Think.");

        var code = await CommandLine.RunAsync(
            ["validate", "paper-mm-eureka", "--pair", s_pair, "--dataset", "counting:test:2", "--system-prompt-file", Folder.PathOf("prompt.txt"),
             "--benchmark", "MathVista", "--set", "generation.max-new-tokens=8", "--set", "prompt.max-pixels=28224", "--set", layers]);

        code.Should().Be(expected, Errors);
        Errors.Should().Match($"*{message}*");
    }

    [Test]
    public async Task Validate_ReadsEveryPicture()
    {
        File.WriteAllText(Folder.PathOf("bad.png"), "no picture");
        File.Copy(Path.Combine(Goldens.Repository, "ablations", "datasets", "counting", "images", "0000.png"), Folder.PathOf("good.png"));
        File.WriteAllLines(Folder.PathOf("data.jsonl"),
        [
            """{"id": "good", "question": "How many?", "images": ["good.png"], "answer": "1"}""",
            """{"id": "worse", "question": "How many?", "images": ["bad.png"], "answer": "1"}""",
        ]);

        (await CommandLine.RunAsync(["validate", "quick", "--dataset", Folder.PathOf("data.jsonl")])).Should().Be(ExitCode.RowsFailed);
        Errors.Should().Contain("worse: ").And.Contain("bad.png");
    }

    [Test]
    public async Task Run_WithAPublishedBenchmark_WritesPublishedCsv()
    {
        var code = await CommandLine.RunAsync(
            ["run", "paper-mmr1", "--pair", s_pair, "--dataset", "counting:test:2", "--system-prompt-file", "none", "--benchmark", "MMMU-Pro",
             "--dtype", "float32", "--set", "replay.layers=2", "--set", "replay.iterations=1", "--max-new-tokens", "2", "--set", "prompt.max-pixels=28224",
             "--out", Folder.PathOf("r")]);

        code.Should().Be(ExitCode.Success, Errors);
        var lines = File.ReadAllLines(Folder.PathOf("r", "published.csv"));
        lines.Should().HaveCount(4);
        lines[1].Should().StartWith("MMMU-Pro,base,2,").And.Contain(",0.383,").And.Contain("assumed");
    }

    private void TablesAlone()
    {
        MadeRuns.Finished(Folder.Path);
        File.Delete(RunFolder.Journal(Folder.Path));
    }
}
