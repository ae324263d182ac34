using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Outputs;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Ablations.Tables;
using ActivationReplay.Tests.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary><c>table</c>.</summary>
public sealed class TableCommandTests : CommandTest
{
    private string Out => Folder.PathOf("out");

    [Test]
    public async Task Table_WritesWhatCellsCsvHas_OfRunsWithAndWithoutAJournal()
    {
        Directory.CreateDirectory(Folder.PathOf("run"));
        MadeRuns.Finished(Folder.PathOf("run"));
        (await Invoke("table", Folder.PathOf("run"), "--out", Out)).Should().Be(ExitCode.Success, Errors);
        var written = File.ReadAllText(Path.Combine(Out, "table.csv"));

        var cells = CsvTable.Read<CellRow>(Folder.PathOf("run", "cells.csv"));
        CsvTable.Read<JoinedCell>(Path.Combine(Out, "table.csv")).Select(c => (c.Cell, c.Value, c.Low, c.High, c.Gain))
            .Should().Equal(cells.Select(c => ((string?)c.Cell, (double?)c.Accuracy, (double?)c.AccuracyLow, (double?)c.AccuracyHigh, c.ToRlvr?.Difference)));
        MadeBy.Read(Out)!.Files.Should().Equal("gains.png", "table.csv", "table.md", "table.tex");

        File.Delete(RunFolder.Journal(Folder.PathOf("run")));
        File.Delete(Folder.PathOf("run", "samples.csv"));
        (await Invoke("table", Folder.PathOf("run"), "--out", Out)).Should().Be(ExitCode.Usage, "nothing is replaced unasked");
        (await Invoke("table", Folder.PathOf("run"), "--out", Out, "--overwrite")).Should().Be(ExitCode.Success, Errors);
        File.ReadAllText(Path.Combine(Out, "table.csv")).Should().Be(written);
    }

    [Test]
    public async Task Table_OfAnUnfinishedRun_SaysSo()
    {
        MadeRuns.Manifest(MadeRuns.Config()).Write(Folder.Path);
        using (var run = RunFolder.Open(Folder.Path))
        {
            run.Add([.. MadeRuns.Answers("none", "10"), MadeRuns.Entry(MadeRuns.Row("base", "000", null))]);
        }

        (await Invoke("table", Folder.Path, "--out", Out)).Should().Be(ExitCode.Success, Errors);

        File.ReadAllText(Path.Combine(Out, "table.md")).Should()
            .Contain("is unfinished: 2 of 12 answers, error rows: 1").And.Contain("error rows of 'base': 1; its numbers (†) are of the other answers (0; questions: 0)").And.Contain("'replay' has no answer in");
        CsvTable.Read<JoinedCell>(Path.Combine(Out, "table.csv")).Single(c => c.Method == "replay").Should().Match<JoinedCell>(c => c.Value == null && c.Missing != null);
    }

    [Test]
    public async Task Table_OfPublishedNumbersWithoutABenchmarkOrANote_ReadsTheRun()
    {
        var config = MadeRuns.Config() with { Published = new([new("MathVista", 0.691, 0.73, 0.735)]) };
        MadeRuns.Manifest(config).Write(Folder.Path);

        (await Invoke("table", Folder.Path, "--out", Out)).Should().Be(ExitCode.Success, Errors);

        File.ReadAllText(Path.Combine(Out, "table.md")).Should().Contain("run with --benchmark, one of MathVista, names it");
    }

    [TestCase("--k", "0", "--k 0: allowed is a whole number from 1")]
    [TestCase("--k", "x", "'x'")]
    public async Task Table_OfAWrongK_IsRefused(string option, string value, string message)
    {
        (await Invoke("table", "quick", option, value)).Should().Be(ExitCode.Usage);

        Errors.Should().Contain(message);
    }

    [Test]
    public async Task Table_OfAShard_OfNoRun_AndOfNoCell_IsRefused()
    {
        MadeRuns.Manifest(MadeRuns.Config()).Write(Folder.Path);
        (await Invoke("table", Folder.Path, "--out", Out)).Should().Be(ExitCode.Success, "a run that has begun is a table of what is missing");
        (MadeRuns.Manifest(MadeRuns.Config()) with { Shard = "1/4" }).Write(Folder.Path);
        (await Invoke("table", Folder.Path)).Should().Be(ExitCode.Usage);
        Directory.CreateDirectory(Folder.PathOf("none"));
        (await Invoke("table", Folder.PathOf("none"))).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("is shard 1/4 of a run; merge joins the shards").And.Contain("holds no run (no run.json)");
    }
}
