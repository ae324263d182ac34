using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Tables;
using ActivationReplay.Evaluation.Statistics;
using ActivationReplay.Tests.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Reports;

/// <summary>Differences to RLVR alone, pooled over runs.</summary>
public sealed class PooledRunsTests
{
    private static readonly string s_none = new string('1', 30) + new string('0', 30);

    [Test]
    public void Cells_OfSeveralPairs_ArePooledByTheirDifferencesAndErrors()
    {
        var (a, b) = (Made("a", "r0", better: 12, worse: 2), Made("b", "r1", better: 3, worse: 4));

        var pooled = PooledRuns.Of([a, b], null);

        pooled.Cells.Select(c => c.Cell.Cell).Should().BeEquivalentTo(["replay", "base"]);
        var (cell, runs) = pooled.Cells.Single(c => c.Cell.Cell == "replay");
        var rows = new[] { a, b }.Select(r => r.Report.Cells.Single(c => c.Cell == "replay").ToRlvr!).ToList();
        var expected = RandomEffects.Of([.. rows.Select(r => new StudyEffect(r.Difference!.Value, (r.High!.Value - r.Low!.Value) / (2 * 1.959964)))]);
        cell.Difference.Should().BeApproximately(expected.Mean.Mean, 1e-12);
        (cell.Low, cell.High, cell.TauSquared, cell.Q).Should().Be((expected.Mean.Low, expected.Mean.High, expected.TauSquared, expected.Q));
        (cell.Runs, cell.Pairs, cell.Questions).Should().Be((2, 2, 120));
        runs.Select(r => (r.Run, r.Difference)).Should().Equal(("a", 10.0 / 60), ("b", -1.0 / 60));
        runs.Sum(r => r.Weight).Should().BeApproximately(1, 1e-12);
        pooled.Cells.Select(c => c.Cell.Corrected).Should().Equal(Holm.Correct([.. pooled.Cells.Select(c => c.Cell.P)]));
    }

    [Test]
    public void Runs_OfOnePairOnTheSameQuestions_CountOnce_OnOthersEach()
    {
        var (a, again) = (Made("a", "r0", 12, 2), Made("again", "r0", 12, 2));
        var elsewhere = Made("elsewhere", "r0", 12, 2, dataset: "/x/other.tsv");

        FluentActions.Invoking(() => PooledRuns.Of([a, again], null)).Should().Throw<ArgumentException>()
            .WithMessage("*nothing to pool*'replay' in again is of the same pair and questions as in a, which was named first and counts*");
        PooledRuns.Of([a, again, elsewhere], null).Cells.Single(c => c.Cell.Cell == "replay").Runs.Select(r => r.Run).Should().Equal("a", "elsewhere");
    }

    [Test]
    public void ARun_InWhichNoAnswerDiffers_IsNoCertainty()
    {
        var pooled = PooledRuns.Of([Made("a", "r0", 0, 0), Made("b", "r1", 6, 2)], null);

        pooled.Cells.Single(c => c.Cell.Cell == "replay").Runs[0].StandardError.Should().Be(1.0 / 62);
        pooled.Notes.Should().Contain("'replay' differs from RLVR alone on no question of a; its standard error is taken as 1 / (60 + 2).");
    }

    [Test]
    public void WhatTellsRunsApart_IsSaid()
    {
        var other = Made("b", "r1", 6, 2, "replay.iterations=9");
        var unfinished = Made("c", "r2", 6, 2) with { Unfinished = "9 of 12 answers" };

        var pooled = PooledRuns.Of([Made("a", "r0", 3, 1), other, unfinished], null);

        pooled.Notes.Should().Contain("'replay': iterations is 25 in a, c; 9 in b.").And.Contain(n => n.StartsWith("c is unfinished: 9 of 12", StringComparison.Ordinal));
        PooledPanel.Of(pooled).Lines.Where(l => l.Kind == LineKind.Part && l.Label.StartsWith("c:", StringComparison.Ordinal)).Should().OnlyContain(l => l.Texts[2].EndsWith('†'));
    }

    [Test]
    public void ACellOfOneRun_IsNotPooled_AndThatIsSaid()
    {
        var alone = Made("b", "r1", 6, 2);
        alone = alone with { Manifest = alone.Manifest with { Config = alone.Config with { Cells = [.. alone.Config.Cells.Where(c => c.Id != "replay")] } } };

        var pooled = PooledRuns.Of([Made("a", "r0", 6, 2), alone], null);

        pooled.Cells.Select(c => c.Cell.Cell).Should().Equal("base");
        pooled.Notes.Should().Contain("Not pooled, since a alone has them: 'replay'.");
    }

    [Test]
    public void PassAtK_IsPooledWhereItIsAsked()
    {
        var pooled = PooledRuns.Of([Reference("passk"), Made("a", "r1", 6, 2)], 1);

        pooled.Measure.Should().Be("pass@1");
        pooled.Cells.Single(c => c.Cell.Cell == "replay").Runs[0].Difference.Should().BeApproximately(0.006875, 1e-12);
    }

    [Test]
    public void Forest_IsDrawnForLightAndDarkPages()
    {
        var figure = ForestPlot.Of(PooledRuns.Of([Reference("quick"), Reference("agents"), Made("a", "r1", 6, 2)], null));

        figure.Draw(PlotTheme.Light).Should().NotEqual(figure.Draw(PlotTheme.Dark)).And.StartWith([0x89, (byte)'P', (byte)'N', (byte)'G']);
    }

    private static TableRun Reference(string name) => TableRun.Of(StoredRun.Read(Path.Combine(Goldens.Repository, "results", "reference", name)), name);

    // 60 questions; replay is better on some that RLVR alone gets wrong, and worse on some that it gets right.
    private static TableRun Made(string name, string rlvr, int better, int worse, string? set = null, string? dataset = null)
    {
        var config = set is null ? MadeRuns.Config() : MadeRuns.Config("quick", set);
        config = dataset is null ? config : config with { Dataset = dataset };
        var replay = new string('0', worse) + new string('1', 30 - worse) + new string('1', better) + new string('0', 30 - better);
        var manifest = MadeRuns.Manifest(config, 60) with { RlvrFingerprint = rlvr };
        return new TableRun(
            name,
            manifest,
            RunReport.Of(config, [.. MadeRuns.Answers("base", s_none[1..] + "1"), .. MadeRuns.Answers("none", s_none), .. MadeRuns.Answers("replay", replay)]),
            null);
    }
}
