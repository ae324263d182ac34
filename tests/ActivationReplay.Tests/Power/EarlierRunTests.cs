using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Power;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Statistics;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Tests.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Power;

/// <summary>Runs whose differences stand for those of another.</summary>
public sealed class EarlierRunTests
{
    private TempFolder folder = null!;

    [SetUp]
    public void Create() => folder = new TempFolder();

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public void SpreadOf_ACell_IsThatOfItsLike_ElseOfTheFarthestOfItsMethod_ElseOfAll()
    {
        var earlier = MadeRuns.Config("quick", "replay.selection=[low, high]");
        var config = MadeRuns.Config("quick", "replay.selection=[low, all]", "methods=[replay, cross-model]");
        var run = Of(earlier, config, [.. MadeRuns.Answers("none", "0000000000"), .. MadeRuns.Answers("base", "0000011111"),
            .. MadeRuns.Answers("replay selection=low", "0000000001"), .. MadeRuns.Answers("replay selection=high", "0000000011")]);

        CellSpread Spread(string cell) => run.SpreadOf(config.Cells.Single(c => c.Id == cell));

        Spread("replay selection=low").Should().Be(new CellSpread(0.1, 0.1, "the same cell"));
        Spread("replay selection=all").Should().Be(new CellSpread(0.2, 0.2, "'replay selection=high', the farthest of its method"));
        Spread("base").Should().Be(new CellSpread(0.5, 0.5, "the same cell"));
        Spread("cross-model").Should().Be(new CellSpread(0.5, 0.5, "'base', the farthest of all: it has no cross-model"));
        PowerPlan.Of(config, 100, false, 0.1, run.SpreadOf).Rows.Should().HaveCount(4)
            .And.OnlyContain(r => r.Smallest > r.SmallestAlone && r.Needed > r.NeededAlone);
        run.SecondsAQuestion.Should().BeNull("of cross-model it has no time");
    }

    [Test]
    public void SpreadOf_OtherNumbersOfAnswers_IsWhatMoreLessen()
    {
        var earlier = MadeRuns.Config("passk", "generation.samples=2");
        JournalEntry[] entries =
        [
            .. Rows("none", ["00", "00", "00", "00"]), .. Rows("replay", ["10", "00", "01", "11"]),
        ];

        // Mean differences 0.5, 0, 0.5, 1; within 0.5, 0, 0.5, 0.
        double Of8(int answers) => Of(earlier, MadeRuns.Config("passk", $"generation.samples={answers}"), entries)
            .SpreadOf(earlier.Cells.Single(c => c.Id == "replay")).MeanSquare;

        Of8(2).Should().BeApproximately(0.375, 1e-12);
        Of8(8).Should().BeApproximately(DifferenceSpread.Measured(0.375, 0.25, 2).MeanSquare(8), 1e-12).And.BeLessThan(0.375);
        Of8(1).Should().BeApproximately(0.25 + 0.25, 1e-12);

        // Three of four questions differ in two answers each; in one, at least half of them.
        double Differing(int answers) => Of(earlier, MadeRuns.Config("passk", $"generation.samples={answers}"), entries)
            .SpreadOf(earlier.Cells.Single(c => c.Id == "replay")).Discordance;

        (Differing(2), Differing(8), Differing(1)).Should().Be((0.75, 0.75, 0.375));
    }

    [Test]
    public void SpreadOf_FewerAnswers_ByTablesThatDoNotSay_IsRefused()
    {
        var stored = StoredRun.Read(OlderTables());

        double At(int answers)
        {
            var config = stored.Config with { Generation = stored.Config.Generation with { Samples = answers } };
            return EarlierRun.Of(stored, config, isGraded: false, (stored.Manifest.BaseFingerprint, stored.Manifest.RlvrFingerprint))
                .SpreadOf(config.Cells.Single(c => c.Id == "replay")).MeanSquare;
        }

        At(64).Should().Be(At(32), "it can be no more").And.BeApproximately(0.00353, 0.00005);
        FluentActions.Invoking(() => At(16)).Should().Throw<ArgumentException>().WithMessage("*rlvr_within*report makes them anew*");

        // The tables of a run as they were before they had that column.
        string OlderTables()
        {
            foreach (var file in new[] { "run.json", "passk.csv" })
            {
                File.Copy(Path.Combine(Goldens.Repository, "results", "reference", "passk", file), Path.Combine(folder.Path, file));
            }

            string[][] cells = [.. File.ReadAllLines(Path.Combine(Goldens.Repository, "results", "reference", "passk", "cells.csv")).Select(line => line.Split(','))];
            var left = Array.IndexOf(cells[0], "rlvr_within");
            File.WriteAllLines(Path.Combine(folder.Path, "cells.csv"), cells.Select(cell => string.Join(',', cell.Where((_, i) => i != left))));
            return folder.Path;
        }
    }

    [Test]
    public void Of_RunsThatAreScoredOtherwise_IsRefused()
    {
        var config = MadeRuns.Config();

        FluentActions.Invoking(() => Of(config, config, [.. MadeRuns.Answers("none", "0011"), .. MadeRuns.Answers("replay", "0110")], isGraded: true))
            .Should().Throw<ArgumentException>().WithMessage("*scoring is right or wrong there, from 0 to 1 here*");
    }

    [Test]
    public void SecondsAQuestion_AreThoseOfAllCells()
    {
        var config = MadeRuns.Config();

        // 1 + 2 + 3 + 4 + 5 seconds an answer of each of three cells.
        Of(config, config, [.. MadeRuns.Answers("none", "0011"), .. MadeRuns.Answers("base", "0011"), .. MadeRuns.Answers("replay", "0110")])
            .SecondsAQuestion.Should().Be(45);
    }

    private EarlierRun Of(RunConfig earlier, RunConfig config, IReadOnlyList<JournalEntry> entries, bool isGraded = false)
    {
        var manifest = MadeRuns.Manifest(earlier);
        return EarlierRun.Of(new StoredRun(folder.Path, manifest, entries), config, isGraded, ("b0", "r0"));
    }

    private static IEnumerable<JournalEntry> Rows(string cell, string[] questions) => questions.SelectMany((text, q) =>
        text.Select((c, r) => MadeRuns.Entry(MadeRuns.Row(cell, FormattableString.Invariant($"{q:000}"), c == '1', r), q)));
}
