using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Training.Tasks.Zooming;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Training;

public sealed class ZoomingTaskTests
{
    private static IEnumerable<ZoomProblem> Problems(int count) =>
        Enumerable.Range(0, count).Select(i => ZoomProblem.Create(new ZoomSettings(), 7, ProblemSplit.Test, i));

    [Test]
    public void Problem_OfOneSeedAndIndex_IsTheSameEachTime()
    {
        var first = Problems(20).Select(p => (p.Asked, string.Join(',', p.Scene.Objects))).ToList();
        Problems(20).Select(p => (p.Asked, string.Join(',', p.Scene.Objects))).Should().Equal(first);
        ZoomPainter.Paint(Problems(1).First().Scene).Pixels.SequenceEqual(ZoomPainter.Paint(Problems(1).First().Scene).Pixels).Should().BeTrue();
    }

    [Test]
    public void Splits_OfOneSeed_ShareNoScene() =>
        Enum.GetValues<ProblemSplit>().SelectMany(split => Enumerable.Range(0, 50)
                .Select(i => string.Join(',', ZoomProblem.Create(new ZoomSettings(), 7, split, i).Scene.Objects)))
            .Should().OnlyHaveUniqueItems();

    [Test]
    public void Question_NamesOneObjectAlone()
    {
        foreach (var problem in Problems(200))
        {
            problem.Scene.Objects.Count(o => o.Colour == problem.Asked.Colour && o.Shape == problem.Asked.Shape).Should().Be(1);
        }
    }

    [Test]
    public void Objects_LieInTheirCells_AndTheirDigitsInThem()
    {
        foreach (var item in Problems(200).SelectMany(p => p.Scene.Objects))
        {
            item.CellBox.Contains(item.Bounds).Should().BeTrue();
            item.Bounds.Contains(item.Mark).Should().BeTrue();
        }
    }

    // The halftone averages to the ground: of two digits the picture as it is seen keeps no difference of more than 5 of 255 levels, of
    // the order of its noise (borders of strokes fall between its pixels). In the part at full size they differ by 85 and more.
    [Test]
    public void Digit_IsGoneAtTheSizeSeen_AndThereInThePart()
    {
        foreach (var problem in Problems(5))
        {
            var one = Shown(problem, 1);
            var eight = Shown(problem, 8);
            var seen = Differences(BicubicResizer.Resize(one, 112, 112), BicubicResizer.Resize(eight, 112, 112));
            var part = Differences(problem.Asked.CellBox.Of(one), problem.Asked.CellBox.Of(eight));
            seen.Max().Should().BeLessThanOrEqualTo(5);
            part.Max().Should().BeGreaterThan(60);
        }
    }

    [Test]
    public void WrittenConversation_WithoutPoorOnes_CallsForTheCellAndReads()
    {
        var rates = new ConversationRates { Direct = 0, Clumsy = 0, Needless = 0, Slip = 0 };
        foreach (var problem in Problems(50))
        {
            var turns = new ZoomWriter(problem.Asked, rates, new Draws(1, DrawPurpose.Answer, 0)).Write();
            turns.Should().HaveCount(2);
            Box(turns[0]).Should().Be(problem.Asked.CellBox);
            turns[1].Text.Should().Be($"<answer>{problem.Answer}</answer>");
        }
    }

    [Test]
    public void WrittenCalls_AreCallsOfTheTool_ForTheBoxTheyClaim()
    {
        var rates = new ConversationRates { Direct = 0, Clumsy = 0.6, Needless = 0.4, Again = 0.5 };
        foreach (var problem in Problems(100))
        {
            var turns = new ZoomWriter(problem.Asked, rates, new Draws(2, DrawPurpose.Answer, (ulong)problem.Index)).Write();
            turns[^1].Box.Should().BeNull();
            foreach (var turn in turns.SkipLast(1))
            {
                Box(turn).Should().Be(turn.Box!.Value);
            }
        }
    }

    [Test]
    public void WrittenSlip_IsAnotherDigit()
    {
        var rates = new ConversationRates { Direct = 0, Clumsy = 0, Needless = 0, Slip = 1 };
        foreach (var problem in Problems(100))
        {
            new ZoomWriter(problem.Asked, rates, new Draws(3, DrawPurpose.Answer, (ulong)problem.Index)).Write()[^1].Text
                .Should().NotBe($"<answer>{problem.Answer}</answer>").And.MatchRegex("^<answer>[1-9]</answer>$");
        }
    }

    [Test]
    public void Settings_ThatDoNotFit_AreRefused()
    {
        var crowded = () => new ZoomSettings { LeastObjects = 9, MostObjects = 4 }.Validated();
        crowded.Should().Throw<ArgumentException>().WithMessage("*9 to 4 objects*");
    }

    // The box that the tool cuts for a turn.
    private static PictureBox Box(WrittenTurn turn) => ZoomPrompt.WithTool.Answer(
        turn.Text, new PictureView(new RgbImage(ZoomScene.Pixels, ZoomScene.Pixels, new byte[ZoomScene.Pixels * ZoomScene.Pixels * 3]), 112, 112))!.Box!.Value;

    // The problem's picture with another digit on the object that is asked for; noise and all else stay.
    private static RgbImage Shown(ZoomProblem problem, int digit) => ZoomPainter.Paint(problem.Scene.With(problem.Asked with { Digit = digit }));

    private static int[] Differences(RgbImage left, RgbImage right) =>
        [.. left.Pixels.ToArray().Zip(right.Pixels.ToArray(), (a, b) => Math.Abs(a - b))];
}
