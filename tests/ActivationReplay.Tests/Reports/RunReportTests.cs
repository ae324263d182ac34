using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Statistics;
using ActivationReplay.Tests.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Reports;

public sealed class RunReportTests
{
    [Test]
    public void Cells_AreComparedByQuestionWithRlvrAndBase()
    {
        var report = Report(
            MadeRuns.Answers("base", "1100000000"),
            MadeRuns.Answers("none", "0011111100"),
            MadeRuns.Answers("replay", "0011111111"));

        var replay = report.Cells.Single(c => c.Cell == "replay");
        replay.Accuracy.Should().Be(0.8);
        replay.ToRlvr!.Difference.Should().BeApproximately(0.2, 1e-12);
        (replay.ToRlvr.Better, replay.ToRlvr.Worse).Should().Be((2, 0));
        replay.ToRlvr.P.Should().Be(McNemar.PValue(2, 0));
        (replay.ToBase!.Better, replay.ToBase.Worse).Should().Be((8, 2));
        // Of two comparisons with base, replay's is the smaller p.
        replay.ToBase.Corrected.Should().BeApproximately(Math.Min(1, 2 * McNemar.PValue(8, 2)), 1e-12);
        report.Cells.Single(c => c.Cell == "none").ToRlvr.Should().BeNull();
        report.Cells.Single(c => c.Cell == "base").ToBase.Should().BeNull();
    }

    [Test]
    public void Comparison_PairsTheQuestionsThatBothAnswered()
    {
        var report = Report(
            MadeRuns.Answers("none", "11"),
            [MadeRuns.Entry(MadeRuns.Row("replay", "001", true)), MadeRuns.Entry(MadeRuns.Row("replay", "000", null))]);

        var replay = report.Cells.Single(c => c.Cell == "replay");
        replay.ToRlvr!.Difference.Should().Be(0);
        (replay.Questions, replay.Errors).Should().Be((1, 1));
    }

    [Test]
    public void Passes_AreUnbiasedAndPaired()
    {
        var report = Report(
            Enumerable.Range(0, 4).SelectMany(r => new[]
            {
                MadeRuns.Entry(MadeRuns.Row("none", "a", r < 2, r)),
                MadeRuns.Entry(MadeRuns.Row("replay", "a", r < 1, r)),
                MadeRuns.Entry(MadeRuns.Row("none", "b", false, r), 1),
                MadeRuns.Entry(MadeRuns.Row("replay", "b", r < 4, r), 1),
            }));

        var rows = report.Passes.Where(p => p.Cell == "replay").ToList();
        rows.Select(r => r.K).Should().Equal(1, 2, 3, 4);
        rows[1].Pass.Should().BeApproximately((PassAtK.Estimate(4, 1, 2) + 1) / 2, 1e-12);
        rows[1].RlvrDifference.Should().BeApproximately((PassAtK.Estimate(4, 1, 2) - PassAtK.Estimate(4, 2, 2) + 1) / 2, 1e-12);
        rows.Should().OnlyContain(r => r.BaseDifference == null && r.Low <= r.Pass && r.Pass <= r.High);
        report.Cells.Single(c => c.Cell == "none").Coverage.Should().Be(0.5);
        report.Cells.Single(c => c.Cell == "replay").Coverage.Should().Be(1);
        // With several answers a question McNemar's test does not apply: two differences, -1/4 and +1, of either sign.
        report.Cells.Single(c => c.Cell == "replay").ToRlvr!.P.Should().Be(SignFlipTest.PValue([-0.25, 1]));
    }

    [Test]
    public void AQuestionThatFailedAndWasPutRight_CountsOnce()
    {
        var report = Report(
            [MadeRuns.Entry(MadeRuns.Row("none", "a", null), key: "old")],
            [MadeRuns.Entry(MadeRuns.Row("none", "a", true), key: "new")]);

        report.Samples.Should().ContainSingle().Which.Correct.Should().BeTrue();
        report.Cells.Single(c => c.Cell == "none").Errors.Should().Be(0);
    }

    [Test]
    public void Rows_DoNotDependOnTheOrderOfTheJournal()
    {
        JournalEntry[] entries = [.. MadeRuns.Answers("none", "0101"), .. MadeRuns.Answers("replay", "1111"), .. MadeRuns.Answers("base", "0000")];

        Report([.. entries.Reverse()]).Samples.Should().Equal(Report(entries).Samples);
    }

    [Test]
    public void Times_AreMeansOfSecondsAndTheLargestMemory()
    {
        var cell = Report(MadeRuns.Answers("none", "01")).Cells.Single(c => c.Cell == "none");

        cell.Times.Total.Should().Be(15);
        cell.Times.MemoryPeak.Should().Be(6_000_000);
    }

    private static RunReport Report(params IEnumerable<JournalEntry>[] entries) =>
        RunReport.Of(MadeRuns.Config(), entries.SelectMany(e => e));
}
