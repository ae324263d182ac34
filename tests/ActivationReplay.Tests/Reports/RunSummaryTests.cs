using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Reports;

public sealed class RunSummaryTests
{
    private static readonly string[] s_published =
        ["pair.base=b", "pair.rlvr=r", "dataset.path=counting:test:4", "prompt.system-prompt-file=none", "published.benchmark=MathVista"];

    [Test]
    public void Findings_OfAClearDifference_SayWhichIsBetter()
    {
        var sentences = Findings(MadeRuns.Answers("none", new string('0', 30)), MadeRuns.Answers("replay", new string('1', 30)));

        sentences.Should().Contain(s => s.StartsWith("replay is better than RLVR alone", StringComparison.Ordinal));
    }

    [Test]
    public void Findings_OfNoDifference_SayThatItCannotBeTold()
    {
        var sentences = Findings(MadeRuns.Answers("none", "0011"), MadeRuns.Answers("replay", "0110"), MadeRuns.Answers("base", "0000"));

        sentences.Should().Contain(s => s.StartsWith("replay cannot be told from RLVR alone", StringComparison.Ordinal));
        sentences.Should().Contain(s => s.StartsWith("RLVR alone cannot be told from base", StringComparison.Ordinal));
    }

    [Test]
    public void Findings_ThatCannotBeTold_SayWhatCouldHaveBeen()
    {
        var (none, replay, ofBase) = (new string('0', 90) + "1111100000", new string('0', 90) + "1111011000", new string('0', 95) + "11000");

        var sentences = Findings(MadeRuns.Answers("none", none), MadeRuns.Answers("replay", replay), MadeRuns.Answers("base", ofBase));

        // Of two comparisons each is at 5%/2; with 3 of 100 questions that differ only about 0.09 is shown, since eight must be on one side.
        var report = RunReport.Of(MadeRuns.Config(), [.. MadeRuns.Answers("none", none), .. MadeRuns.Answers("replay", replay), .. MadeRuns.Answers("base", ofBase)]);
        var to = report.Cells.Single(c => c.Cell == "replay").ToRlvr!;
        to.Detectable.Should().BeInRange(0.07, 0.12);
        sentences.Should().Contain(s => s.StartsWith("replay cannot be told", StringComparison.Ordinal)
            && s.Contains(FormattableString.Invariant($"half-width is {to.HalfWidth:0.000}, and 100 questions show a difference of {to.Detectable:0.000} or more with 80% power (Holm's first step of 2)"), StringComparison.Ordinal));
        RunSummary.Of(MadeRuns.Manifest(MadeRuns.Config()), report).Should().Contain("| 80% power from |").And.Contain(FormattableString.Invariant($"] | {to.Detectable:0.000} | "));
        string.Join(' ', Headline.Of(report)).Should().Contain(FormattableString.Invariant($"100 questions show a difference of {100 * to.Detectable:0.0} points or more with 80% power"));
    }

    [Test]
    public void Findings_OfAMatrix_CountWhatIsLeftAfterTheCorrection()
    {
        var config = MadeRuns.Config("quick", "replay.selection=[low, high, all]");
        string[] ids = [.. config.Cells.Select(c => c.Id).Where(id => id.StartsWith("replay", StringComparison.Ordinal))];

        var report = RunReport.Of(
            config,
            [
                .. MadeRuns.Answers("none", new string('0', 40)),
                .. MadeRuns.Answers(ids[0], new string('1', 40)),
                .. MadeRuns.Answers(ids[1], "1" + new string('0', 39)),
                .. MadeRuns.Answers(ids[2], new string('0', 40)),
            ]);

        RunFindings.Of(config, report).Should().Contain(s => s.StartsWith("Of 3 cells, 1 is better and none is worse", StringComparison.Ordinal)
            && s.Contains("with 40 questions (half-widths of intervals 0.000 to 0.0", StringComparison.Ordinal));
    }

    [Test]
    public void Findings_NameErrorsAndUnparsedAnswers() =>
        Findings([MadeRuns.Entry(MadeRuns.Row("none", "a", true) with { Extracted = null }), MadeRuns.Entry(MadeRuns.Row("none", "b", null))])
            .Should().Contain(s => s.Contains("1 error rows", StringComparison.Ordinal) && s.Contains("1 of 1 answers", StringComparison.Ordinal));

    [TestCase(2, 1, "The loop lowered its loss by 50% on average.")]
    [TestCase(1, 1.59, "The loop raised its loss by 59% on average.")]
    public void Findings_OfALoop_SayWhichWayItsLossWent(double first, double last, string sentence) =>
        Findings([MadeRuns.Entry(Loop("replay", "a", first, last))]).Should().Contain(sentence);

    [Test]
    public void Findings_OfLoopsThatRose_WarnWithTheNumberOfQuestions()
    {
        var sentences = Findings(
            [MadeRuns.Entry(Loop("replay", "a", 1, 3)), MadeRuns.Entry(Loop("replay", "b", 1, 0.5)), MadeRuns.Entry(Loop("replay", "c", 1, double.NaN))]);

        sentences.Should().Contain(s => s.StartsWith("Warning: the loop ended above its first loss on 2 of 3 questions.", StringComparison.Ordinal)
            && s.Contains("docs/when-the-loss-rises.md", StringComparison.Ordinal));
        File.Exists(Path.Combine(Goldens.Repository, "docs", "when-the-loss-rises.md")).Should().BeTrue();
    }

    [Test]
    public void Findings_OfLoopsThatFell_WarnOfNothing() =>
        Findings([MadeRuns.Entry(Loop("replay", "a", 1, 0.5)), MadeRuns.Entry(Loop("replay", "b", 0, 0))])
            .Should().NotContain(s => s.StartsWith("Warning", StringComparison.Ordinal));

    [Test]
    public void Findings_OfAMatrixOfLoops_SayHowManyRose()
    {
        var config = MadeRuns.Config("quick", "replay.selection=[low, high, all]");
        string[] ids = [.. config.Cells.Select(c => c.Id).Where(id => id.StartsWith("replay", StringComparison.Ordinal))];

        var report = RunReport.Of(config, ids.Zip([0.25, 0.5, 7.0], (id, last) => MadeRuns.Entry(Loop(id, "a", 1, last))));

        RunFindings.Of(config, report).Should()
            .Contain("On average of a cell, the loops of 2 cells lowered their losses by up to 75%, those of 1 raised them by up to 600%.")
            .And.Contain(s => s.StartsWith("Warning: loops ended above their first loss, on up to 1 of 1 questions, in 1 of 3 cells.", StringComparison.Ordinal));
        RunSummary.Of(MadeRuns.Manifest(config), report).Should().Contain("\n- Warning: loops ended above");
    }

    [Test]
    public void LossRose_CountsAQuestionOnce_WhateverItsRepetitions()
    {
        var rows = Enumerable.Range(0, 4).Select(r => MadeRuns.Entry(Loop("replay", "a", 1, 2) with { Repetition = r }));

        RunReport.Of(MadeRuns.Config(), rows).Cells.Single(c => c.Cell == "replay").LossRose.Should().Be(1);
    }

    [Test]
    public void Summary_SaysWhatWasRunAndHowToDoItAgain()
    {
        var config = MadeRuns.Config();

        var text = RunSummary.Of(MadeRuns.Manifest(config), RunReport.Of(config, MadeRuns.Answers("none", "0110")));

        text.Should().Contain("3 cells on 4 of 4 questions").And.Contain("| none | 4 | 0.500 [")
            .And.Contain("ActivationReplay.Ablations -- run quick").And.Contain("libtorch 2.10.0");
    }

    [Test]
    public void PublishedNumbers_StandBesideOnesOwn()
    {
        var config = MadeRuns.Config("paper-mm-eureka", s_published);

        var report = RunReport.Of(config, [.. MadeRuns.Answers("base", "0110"), .. MadeRuns.Answers("none", "1111"), .. MadeRuns.Answers("replay", "0000")]);

        report.Published.Select(p => (p.Cell, p.Published)).Should().Equal(("base", 0.691), ("none", 0.73), ("replay", 0.735));
        report.Published[0].Difference.Should().BeApproximately(0.5 - 0.691, 1e-12);
        report.Published.Select(p => p.IsWithin).Should().Equal(true, false, false);
        RunSummary.Of(MadeRuns.Manifest(config), report).Should().Contain("| replay | 0.000 [0.000, 0.000] | 0.735 | -0.735, outside");
    }

    [Test]
    public void PublishedNumbers_WithoutABenchmark_AskForIt()
    {
        var config = MadeRuns.Config("paper-mmr1", s_published[..^1]);

        var report = RunReport.Of(config, MadeRuns.Answers("none", "1111"));

        report.Published.Should().BeEmpty();
        RunSummary.Of(MadeRuns.Manifest(config), report).Should().Contain("--benchmark NAME").And.Contain("MMMU-Pro");
    }

    private static SampleRow Loop(string cell, string sample, double first, double last) =>
        MadeRuns.Row(cell, sample, correct: true) with { LossFirst = first, LossLast = last };

    private static IEnumerable<string> Findings(params IEnumerable<JournalEntry>[] entries)
    {
        var config = MadeRuns.Config();
        return RunFindings.Of(config, RunReport.Of(config, entries.SelectMany(e => e)));
    }
}
