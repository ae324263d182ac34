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

        RunFindings.Of(config, report).Should().Contain(s => s.StartsWith("Of 3 cells, 1 is better and none is worse", StringComparison.Ordinal));
    }

    [Test]
    public void Findings_NameErrorsAndUnparsedAnswers() =>
        Findings([MadeRuns.Entry(MadeRuns.Row("none", "a", true) with { Extracted = null }), MadeRuns.Entry(MadeRuns.Row("none", "b", null))])
            .Should().Contain(s => s.Contains("1 error rows", StringComparison.Ordinal) && s.Contains("1 of 1 answers", StringComparison.Ordinal));

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

    private static IEnumerable<string> Findings(params IEnumerable<JournalEntry>[] entries)
    {
        var config = MadeRuns.Config();
        return RunFindings.Of(config, RunReport.Of(config, entries.SelectMany(e => e)));
    }
}
