using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Reports;

public sealed class GalleryTests
{
    private readonly RunManifest manifest = FakeRun.Manifest("gone.jsonl", 1, ("base", "base"), ("none", "none"), ("replay", "replay"));

    [Test]
    public void Gallery_TakesExactlyTheQuestionsOnWhichTheTwoDisagree()
    {
        // Right for base, RLVR and replay, by question; null is an error.
        (bool? Base, bool? Rlvr, bool? Replay)[] marks =
        [
            (true, true, true), (false, false, true), (true, true, false), (false, false, false), (true, false, true),
            (true, null, true), (true, true, null), (null, false, true),
        ];
        JournalEntry[] entries =
        [
            .. marks.Index().Reverse().SelectMany(m => new[]
            {
                Entry("replay", m.Index, m.Item.Replay), Entry("none", m.Index, m.Item.Rlvr), Entry("base", m.Index, m.Item.Base),
            }),
        ];

        var gallery = Gallery.Of(RunReport.Of(manifest.Config, entries), entries);

        gallery.Missing.Should().BeEmpty();
        gallery.Fixed.Select(i => i.First.Row.Sample).Should().Equal("1", "4", "7");
        gallery.Broken.Select(i => i.First.Row.Sample).Should().Equal("2");
        gallery.Fixed[0].Base!.Solved.Should().BeFalse();
        gallery.Fixed[1].Base!.Solved.Should().BeTrue();
        gallery.Fixed[2].Base.Should().BeNull("its base row is an error");
    }

    [Test]
    public void Gallery_OfSeveralAnswers_AsksForOneRightAnswer()
    {
        var several = FakeRun.Manifest("gone.jsonl", 3, ("none", "none"), ("replay", "replay"));
        JournalEntry[] entries =
        [
            .. Answers("none", 0, false, false, false), .. Answers("replay", 0, false, true, false),
            .. Answers("none", 1, false, false, true), .. Answers("replay", 1, true, true, true),
            .. Answers("none", 2, true, false, false), .. Answers("replay", 2, false, false, false),
        ];

        var gallery = Gallery.Of(RunReport.Of(several.Config, entries), entries);

        gallery.Fixed.Select(i => i.First.Row.Sample).Should().Equal("0");
        gallery.Broken.Select(i => i.First.Row.Sample).Should().Equal("2");
        var answer = gallery.Fixed[0].Replay;
        (answer.Right, answer.Count, answer.Shown.Repetition).Should().Be((1, 3, 1));
        gallery.Missing.Should().ContainSingle().Which.Should().Contain("base");

        IEnumerable<JournalEntry> Answers(string cell, int index, params bool[] correct) =>
            correct.Select((c, i) => FakeRun.Entry(several, cell, index, c, i));
    }

    [Test]
    public void Gallery_WithoutRlvr_SaysSo()
    {
        var alone = FakeRun.Manifest("gone.jsonl", 1, ("replay", "replay"));
        JournalEntry[] entries = [FakeRun.Entry(alone, "replay", 0, true)];

        var gallery = Gallery.Of(RunReport.Of(alone.Config, entries), entries);

        gallery.Missing.Should().Contain(m => m.Contains("none", StringComparison.Ordinal));
        gallery.Fixed.Should().BeEmpty();
    }

    [Test]
    public void Featured_OfSeveralCells_IsTheBestOfReplay()
    {
        var many = FakeRun.Manifest("gone.jsonl", 1, ("none", "none"), ("mid-layer", "mid-layer"), ("replay a", "replay"), ("replay b", "replay"));
        JournalEntry[] entries =
        [
            .. Enumerable.Range(0, 6).SelectMany(i => new[]
            {
                FakeRun.Entry(many, "none", i, i < 2), FakeRun.Entry(many, "mid-layer", i, true),
                FakeRun.Entry(many, "replay a", i, i < 3), FakeRun.Entry(many, "replay b", i, i < 4),
            }),
        ];
        var report = RunReport.Of(many.Config, entries);

        Headline.Featured(report)!.Cell.Should().Be("replay b");
        string.Join(' ', Headline.Of(report)).Should().Contain("66.7% of 6 questions").And.Contain("+33.3 points")
            .And.Contain("the best of 2 replay cells").And.Contain("3 comparisons");
    }

    private JournalEntry Entry(string cell, int index, bool? correct) =>
        FakeRun.Entry(manifest, cell, index, correct, error: correct is null ? "MediaException: broken" : null);
}
