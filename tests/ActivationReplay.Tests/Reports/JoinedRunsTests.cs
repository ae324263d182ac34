using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Ablations.Tables;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Tests.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Reports;

/// <summary>Runs joined into one table: of the reference runs, and of runs made by hand.</summary>
public sealed class JoinedRunsTests
{
    private static readonly string s_reference = Path.Combine(Goldens.Repository, "results", "reference");

    [Test]
    public void Values_AreThoseOfCellsCsv()
    {
        var joined = JoinedRuns.Of([Reference("quick"), Reference("entropy"), Reference("agents")], null);

        foreach (var run in new[] { "quick", "entropy", "agents" })
        {
            var lines = joined.Rows.SelectMany(r => r.Cells).Where(c => c.Run == run).ToDictionary(c => c.Cell!);
            var cells = CsvTable.Read<CellRow>(Path.Combine(s_reference, run, "cells.csv"));
            lines.Keys.Should().BeEquivalentTo(cells.Select(c => c.Cell));
            foreach (var cell in cells)
            {
                var line = lines[cell.Cell];
                line.Should().Match<JoinedCell>(l => l.Value == cell.Accuracy && l.Low == cell.AccuracyLow && l.High == cell.AccuracyHigh
                    && l.Questions == cell.Questions && l.Errors == cell.Errors);
                (line.Gain, line.GainLow, line.GainHigh).Should().Be((cell.ToRlvr!.Difference, cell.ToRlvr.Low, cell.ToRlvr.High));
            }
        }
    }

    [Test]
    public void PassAtK_IsThatOfPasskCsv_AndWhatARunLacksIsSaid()
    {
        var joined = JoinedRuns.Of([Reference("passk"), Reference("quick")], 8);

        var pass = CsvTable.Read<PassAtKRow>(Path.Combine(s_reference, "passk", "passk.csv")).Single(p => p is { Cell: "replay", K: 8 });
        var line = joined.Rows.SelectMany(r => r.Cells).Single(c => c is { Run: "passk", Cell: "replay" });
        line.Should().Match<JoinedCell>(l => l.Value == pass.Pass && l.Low == pass.Low && l.High == pass.High && l.Gain == pass.RlvrDifference && l.GainLow == pass.RlvrLow);
        line.Measure.Should().Be("pass@8");
        joined.Notes.Should().Contain("pass@8 needs 8 answers a question, and 'none' has 1 in quick.");
    }

    [Test]
    public void Cells_OfEqualSettings_AreOneRow_WhateverTheirRunsCallThem()
    {
        var joined = JoinedRuns.Of([Reference("quick"), Reference("tokens")], null);

        joined.Benchmarks.Should().Equal("counting:test:100", "counting:test:200");
        joined.Rows.Take(2).Select(r => r.Label).Should().Equal("base", "none");
        joined.Rows[2].Cells.Select(c => c.Cell).Should().Equal("replay", "replay grid-ratio=1 prefill-ratio=1");
        joined.Rows[2].Label.Should().Be("replay grid-ratio=1 prefill-ratio=1", "other rows of the table differ in these");
        joined.Notes.Should().ContainSingle(n => n.StartsWith("quick (counting:test:100) lacks 'replay grid-ratio=1 prefill-ratio=0.5'; ", StringComparison.Ordinal));
    }

    [Test]
    public void Average_IsOverAllBenchmarksOfThePair_AndOfRowsThatHaveEach()
    {
        var one = Made("one", m => m with { Config = m.Config with { Dataset = "/x/one.tsv" } });
        var two = Made("two", m => m with { Config = m.Config with { Dataset = "/x/two.tsv" } }, replay: "1000");
        var joined = JoinedRuns.Of([one, two, Reference("agents")], null);

        var (average, cells) = (joined.Rows[2].Average!, joined.Rows[2].Cells);
        (average.Value!.Value, average.Gain!.Value).Should().Be((0.5, 0.0), "0.75 and 0.25, and 0.5 of RLVR alone");
        // The half-widths of two independent means, joined as √(a² + b²) / 2.
        average.Low!.Value.Should().BeApproximately(0.5 - (Math.Sqrt(Math.Pow(0.75 - cells[0].Low!.Value, 2) + Math.Pow(0.25 - cells[1].Low!.Value, 2)) / 2), 1e-12);
        joined.Rows.Where(r => r.Pair.Contains("zooming", StringComparison.Ordinal)).Should().OnlyContain(r => r.Average == null, "that pair has one benchmark");

        var lacking = two.Manifest with { Config = two.Config with { Cells = [.. two.Config.Cells.Where(c => c.Id != "replay")] } };
        var without = JoinedRuns.Of([one, two with { Manifest = lacking }], null);
        without.Rows.Select(r => r.Average is null).Should().Equal(false, false, true);
        without.Notes.Should().Equal(
            "two (two) lacks 'replay'.",
            "No average of 'replay': averages are over all benchmarks that counting/base → counting/rlvr has a run of, and a value is missing.");
    }

    [Test]
    public void Average_OfBenchmarksThatShareQuestions_IsNotMade()
    {
        var joined = JoinedRuns.Of([Reference("quick"), Reference("tokens")], null);

        joined.Rows.Should().OnlyContain(r => r.Average == null);
        joined.Notes.Should().Contain("counting/base → counting/rlvr has no average: counting:test:100 and counting:test:200 share questions.");
        TablePanel.Of(joined)[0].Columns.Should().Equal("counting:test:100", "counting:test:200");
    }

    [Test]
    public void Pairs_AreGroupsOfRows_AndBenchmarksThatOneLacksAreSaid()
    {
        var joined = JoinedRuns.Of([Reference("quick"), Reference("agents")], null);

        joined.Rows.Select(r => r.Pair).Distinct().Should().Equal("counting/base → counting/rlvr", "zooming/base → zooming/rlvr");
        joined.Rows[0].Cells.Select(c => c.Missing).Should().Equal(null, "no run of this pair");
        joined.Notes.Should().Contain("counting/base → counting/rlvr has no run of zooming:test:200.")
            .And.Contain("zooming/base → zooming/rlvr has no run of counting:test:100.");
    }

    [Test]
    public void Pairs_OfOneNameAndOtherWeights_AreToldApart()
    {
        var joined = JoinedRuns.Of([Made("a", m => m), Made("b", m => m with { RlvrFingerprint = "r1" })], null);

        joined.Rows.Select(r => r.Pair).Distinct().Should().Equal("counting/base → counting/rlvr (b0 → r0)", "counting/base → counting/rlvr (b0 → r1)");
    }

    [Test]
    public void ACellOfTwoRuns_IsThatOfTheFirst_AndADifferenceIsSaid()
    {
        JoinedRuns.Of([Made("a", m => m), Made("b", m => m)], null).Notes.Should().BeEmpty();

        var joined = JoinedRuns.Of([Made("a", m => m), Made("b", m => m, replay: "1000")], null);

        joined.Rows.Single(r => r.Method == "replay").Cells.Single().Should().Match<JoinedCell>(c => c.Run == "a" && c.Value == 0.75);
        joined.Notes.Should().Equal("'replay' on counting:test:100 is 75.0% in a, which was named first and counts, and 25.0% in b.");
    }

    [Test]
    public void UnfinishedRuns_AndErrorRows_AreMarkedAndSaid()
    {
        var joined = JoinedRuns.Of([Made("part", m => m, replay: "1e", unfinished: "9 of 12 answers")], null);

        var cell = joined.Rows.Single(r => r.Method == "replay").Cells.Single();
        cell.Should().Match<JoinedCell>(c => !c.IsComplete && c.Value == 1 && c.Questions == 1 && c.Errors == 1);
        joined.Notes.Should().Equal(
            "part is unfinished: 9 of 12 answers; its numbers (†) are of the questions answered until now.",
            "part: error rows of 'replay': 1; its numbers (†) are of the other answers (1; questions: 1).");
        TablePanel.Of(joined)[0].Lines[^1].Texts.Single().Should().Be("100.0 [100.0, 100.0]†");
    }

    [Test]
    public void PublishedNumbers_StandBelowOnesOwn_OfTheBenchmarkThatWasNamed()
    {
        var figures = new PublishedConfig([new PublishedNumbers("MathVista", 0.691, 0.73, 0.735)], "a paper", null, "MathVista");
        var joined = JoinedRuns.Of([Made("a", m => m with { Config = m.Config with { Published = figures } })], null);

        joined.Benchmarks.Should().Equal("MathVista");
        TablePanel.Of(joined)[0].Lines.Where(l => l.Kind == LineKind.Published).Select(l => (l.Label, l.Texts[0]))
            .Should().Equal(("base, published", "69.1"), ("none, published", "73.0"), ("replay, published", "73.5"));
        TablePanel.Of(joined)[1].Lines.Single(l => l.Label == "replay, published").Texts.Should().Equal("+0.5");
        joined.Notes.Should().Equal("Published numbers of MathVista are from a paper.");

        JoinedRuns.Of([Made("a", m => m with { Config = m.Config with { Published = figures with { Benchmark = null } } })], null)
            .Notes.Should().ContainSingle().Which.Should().Contain("--benchmark, one of MathVista");
    }

    [Test]
    public void FilesOfOneName_InOtherFolders_AreTwoBenchmarks()
    {
        var joined = JoinedRuns.Of([Of("a", "/x/one/data.tsv", null), Of("b", "/x/two/data.tsv", null), Of("c", "/x/one/other.tsv", 5)], null);

        joined.Benchmarks.Should().Equal(Path.Combine("one", "data.tsv"), Path.Combine("two", "data.tsv"), "other, first 5");

        static TableRun Of(string name, string data, int? limit) => Made(name, m => m with { Config = m.Config with { Dataset = data, Limit = limit } });
    }

    [Test]
    public void FilesOfOneFolderAndName_WithTheSameQuestions_AreOneBenchmark_WhereverTheyLie()
    {
        var joined = JoinedRuns.Of([Asking("a", "/x/bench/data.tsv", "q1"), Asking("b", "/y/bench/data.tsv", "q1", replay: "1000"), Asking("c", "/x/copy.tsv", "q1")], null);

        joined.Benchmarks.Should().Equal("data");
        joined.Notes.Should().Equal(
            $"a, b, c ask the same questions, under the names {Path.Combine("bench", "data.tsv")} and {Path.Combine("x", "copy.tsv")}: they are one column.",
            "'replay' on data is 75.0% in a, which was named first and counts, and 25.0% in b.");
    }

    [Test]
    public void FilesOfOneFolderAndName_WithOtherQuestions_AreTwoBenchmarks_ToldApartByTheirRuns()
    {
        var name = Path.Combine("bench", "data.tsv");

        var joined = JoinedRuns.Of([Asking("a", "/x/bench/data.tsv", "q1"), Asking("b", "/y/bench/data.tsv", "q2", replay: "1000"), Asking("c", "/z/bench/data.tsv", "q1")], null);

        joined.Benchmarks.Should().Equal($"{name} (a, c)", $"{name} (b)");
        joined.Rows.Single(r => r.Method == "replay").Cells.Select(c => c.Value).Should().Equal(0.75, 0.25);
        joined.Rows.Should().OnlyContain(r => r.Average == null);
        joined.Notes.Should().Equal(
            $"a, c and b are columns of their own, though their questions are both called {name}: they are not the same.",
            $"counting/base → counting/rlvr has no average: {name} (a, c) and {name} (b) may share questions.");
    }

    [Test]
    public void FilesOfOneFolderAndName_OfWhichOneDoesNotSayWhatItAsked_AreTwoBenchmarks_AndHowItWouldBeSaid()
    {
        var joined = JoinedRuns.Of([Asking("a", "/x/bench/data.tsv", "q1"), Asking("b", "/x/bench/data.tsv", null)], null);

        joined.Benchmarks.Should().HaveCount(2);
        joined.Notes.Should().ContainSingle(n => n.Contains("what b asked is not recorded; the command that made it, given again, records it", StringComparison.Ordinal));
    }

    [Test]
    public void Questions_ThatAManifestDoesNotRecord_AreThoseThatWereAnswered()
    {
        var asked = TaskDataset.Parse("counting:test:100").Rows();
        var answers = StoredTables.Answers(Path.Combine(s_reference, "quick"));

        Reference("quick").Questions.Should().Be(QuestionSet.Fingerprint(asked)).And.NotBeNull();
        OfBefore("quick").Questions.Should().Be(QuestionSet.Fingerprint(asked));
        QuestionSet.Fingerprint(answers.Reverse(), 100).Should().Be(QuestionSet.Fingerprint(asked), "their order does not count");
        QuestionSet.Fingerprint(answers.Where(a => a.Sample != asked[7].Id), 100).Should().BeNull("a question was not answered yet");
        QuestionSet.Fingerprint(answers.Select(a => a.Sample == asked[7].Id ? a with { Reference = "another" } : a), 100).Should().NotBe(QuestionSet.Fingerprint(asked));
        Reference("tokens").Questions.Should().NotBeNull("its manifest records them");
        OfBefore("tokens").Questions.Should().BeNull("its answers are not there");

        // As versions before wrote a run, whose manifest says nothing of its questions.
        static TableRun OfBefore(string name)
        {
            using var folder = new TempFolder();
            FolderCopy.Make(Path.Combine(s_reference, name), folder.Path);
            (RunManifest.Read(folder.Path) with { QuestionsFingerprint = null }).Write(folder.Path);
            return TableRun.Of(StoredRun.Read(folder.Path), name);
        }
    }

    [Test]
    public void ARunOfATask_WithoutItsQuestions_IsThatTasksBenchmark() =>
        JoinedRuns.Of([Asking("a", "counting:test:100", "q1"), Asking("b", "counting:test:100", null)], null).Benchmarks.Should().Equal("counting:test:100");

    [Test]
    public void Gains_OfThreeBenchmarks_AreARadarPlot_OfFewerRowsWithIntervals()
    {
        TableRun[] runs = [.. "abc".Select(n => Made($"{n}", m => m with { Config = m.Config with { Dataset = $"/x/{n}.tsv" } }, replay: "1110"))];

        var radar = GainFigure.Of(JoinedRuns.Of(runs, null))!;
        var rows = GainFigure.Of(JoinedRuns.Of(runs[..2], null))!;

        radar.Caption.Should().Contain("dotted ring is no gain");
        rows.Caption.Should().EndWith("A radar plot needs 3 benchmarks of a row.");
        radar.Draw(PlotTheme.Light).Should().NotEqual(radar.Draw(PlotTheme.Dark)).And.StartWith([0x89, (byte)'P', (byte)'N', (byte)'G']);
        rows.Draw(PlotTheme.Light).Should().StartWith([0x89, (byte)'P', (byte)'N', (byte)'G']);
        GainFigure.Of(JoinedRuns.Of([Reference("quick") with { Report = Reference("quick").Report with { Cells = [] } }], null)).Should().BeNull();
    }

    [TestCase("0.5,3", "0,0.5,1,1.5,2,2.5,3")]
    [TestCase("-4,12", "-5,0,5,10,15")]
    [TestCase("0", "0,0.001")]
    public void Rings_SurroundZeroAndAllValues_InRoundSteps(string values, string expected)
    {
        var rings = RadarPlot.Rings(Numbers(values));

        rings.Select(r => Math.Round(r, 9)).Should().StartWith(Numbers(expected)[0]).And.Contain(0).And.BeInAscendingOrder();
        rings[^1].Should().BeGreaterThanOrEqualTo(Numbers(values).Max());
        if (values != "0")
        {
            rings.Select(r => Math.Round(r, 9)).Should().Equal(Numbers(expected));
        }

        static double[] Numbers(string text) => [.. text.Split(',').Select(t => double.Parse(t, System.Globalization.CultureInfo.InvariantCulture))];
    }

    private static TableRun Reference(string name) => TableRun.Of(StoredRun.Read(Path.Combine(s_reference, name)), name);

    internal static TableRun Asking(string name, string data, string? questions, string replay = "1110") =>
        Made(name, m => m with { Config = m.Config with { Dataset = data }, QuestionsFingerprint = questions }, replay);

    // e is an error row.
    private static TableRun Made(string name, Func<RunManifest, RunManifest> with, string replay = "1110", string? unfinished = null)
    {
        var manifest = with(MadeRuns.Manifest(MadeRuns.Config()));
        return new TableRun(
            name,
            manifest,
            RunReport.Of(
                manifest.Config,
                [
                    .. MadeRuns.Answers("base", "0110"),
                    .. MadeRuns.Answers("none", "1100"),
                    .. replay.Select((c, i) => MadeRuns.Entry(MadeRuns.Row("replay", FormattableString.Invariant($"{i:000}"), c == 'e' ? null : c == '1'), i)),
                ]),
            unfinished);
    }
}
