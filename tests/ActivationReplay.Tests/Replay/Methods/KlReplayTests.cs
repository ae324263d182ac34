using ActivationReplay.Generation;
using ActivationReplay.Models;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Replay.Recordings;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Replay.Methods;

/// <summary>What must hold (design, section 1).</summary>
public sealed class KlReplayTests : TinyPairTests
{
    private static readonly ReplaySettings Settings = (ReplaySettings)FittingOf("replay", rate: 0.05, iterations: 4);

    [Test]
    public void Prepare_OnIdenticalCheckpoints_HasNoLossAndLeavesAnswersAlone()
    {
        using var inputs = Tiny.Prompt();
        using var twin = Tiny.Neighbour(1);
        using var context = new ReplayContext(inputs, twin, Rlvr);

        using var prepared = ReplayMethods.Get("replay").Prepare(context, Settings);

        // Targets and student take different numerical paths.
        prepared.Trace!.Losses.Should().OnlyContain(loss => Math.Abs(loss) <= 1e-6);
        Answer(context, prepared.Intervention).Should().Equal(Answer(context, Intervention.None));
    }

    [Test]
    public void Prepare_WithoutIterations_LeavesAnswersAlone()
    {
        using var inputs = Tiny.Prompt();
        using var context = new ReplayContext(inputs, Base, Rlvr);

        using var prepared = ReplayMethods.Get("replay").Prepare(context, Settings with { Iterations = 0 });

        prepared.LearnableTokens!.abs().max().item<float>().Should().Be(0);
        Answer(context, prepared.Intervention).Should().Equal(Answer(context, Intervention.None));
    }

    [Test]
    public void Prepare_OfTextAlone_ChangesNothing()
    {
        using var inputs = Tiny.Prompt(pictures: 0);
        using var context = new ReplayContext(inputs, Base, Rlvr);

        using var prepared = ReplayMethods.Get("replay").Prepare(context, Settings);

        prepared.Intervention.Edits.Should().BeEmpty();
    }

    [TestCase(1)]
    [TestCase(2)]
    public void Loop_ComputesNoLayerAboveTheLastAndNoPositionOutsideThePictures(int pictures)
    {
        using var inputs = Tiny.Prompt(pictures, before: 5, after: 7);
        using var context = new ReplayContext(inputs, Base, Rlvr);
        var method = ReplayMethods.Get("replay");
        using var warm = method.Prepare(context, Settings with { Iterations = 0 });
        var setUp = Count(0);

        var passes = (Count(3) - setUp) / 3;

        // Layer 0 from the first visual position to the last selected one; layer 1, which makes the states entering layer 2, at
        // those that are selected there alone.
        var positions = warm.Selected!.Max(s => s[^1]) + 1 - inputs.VisualPositions[0];
        passes.Should().Be(positions + warm.Selected![2].Count);
        Rlvr.VisionPasses.Should().Be(1);
        Base.VisionPasses.Should().Be(1);

        long Count(int iterations)
        {
            var before = Rlvr.LayerPositions;
            using var prepared = method.Prepare(context, Settings with { Iterations = iterations });
            return Rlvr.LayerPositions - before;
        }
    }

    [Test]
    public void Record_ForTheLoop_ComputesNothingAboveTheLastTargetNorAfterTheLastPicture()
    {
        using var inputs = Tiny.Prompt(after: 9);
        using var context = new ReplayContext(inputs, Base, Rlvr);

        using var prepared = ReplayMethods.Get("replay").Prepare(context, Settings);

        Base.LayerPositions.Should().Be(2 * (inputs.VisualPositions[^1] + 1));
    }

    [TestCase(LayerAlignment.Aligned, KlDirection.Forward, 10)]
    [TestCase(LayerAlignment.Reference, KlDirection.Forward, 10)]
    [TestCase(LayerAlignment.Aligned, KlDirection.Reverse, 10)]
    [TestCase(LayerAlignment.Aligned, KlDirection.Forward, 0)]
    public void Gradient_EqualsFiniteDifferences_AndASmallStepLowersTheLoss(LayerAlignment alignment, KlDirection direction, int words)
    {
        using var inputs = Tiny.Prompt();
        using var context = new ReplayContext(inputs, Base, Rlvr);
        var settings = Settings with { Alignment = alignment, Direction = direction, TopK = words, Iterations = 2, LearningRate = 0.002 };
        Tensor? gradient = null;

        context.OnGradient = (_, g) => gradient ??= g.clone().DetachFromDisposeScope();
        using var prepared = ReplayMethods.Get("replay").Prepare(context, settings);

        // One small step along the gradient changes the loss by rate · ‖g‖², to first order.
        var losses = prepared.Trace!.Losses;
        losses[1].Should().BeLessThan(losses[0]);
        var slope = (losses[0] - losses[1]) / settings.LearningRate;
        var squared = gradient!.square().sum().item<float>();
        slope.Should().BeApproximately(squared, 0.05 * squared);
        gradient!.Dispose();
    }

    [Test]
    public void Prepare_WithEveryWord_IsTheLimitOfTopK()
    {
        using var inputs = Tiny.Prompt();
        using var context = new ReplayContext(inputs, Base, Rlvr);
        var method = ReplayMethods.Get("replay");

        using var full = method.Prepare(context, Settings with { TopK = 0 });
        using var some = method.Prepare(context, Settings with { TopK = 20 });
        using var nearly = method.Prepare(context, Settings with { TopK = 95 });

        var limit = full.Trace!.Losses[0];
        Math.Abs(nearly.Trace!.Losses[0] - limit).Should().BeLessThan(0.01 * limit)
            .And.BeLessThan(Math.Abs(some.Trace!.Losses[0] - limit));
    }

    [Test]
    public void Prepare_WithAStop_EndsAtTheFirstLossThatReachesIt()
    {
        using var inputs = Tiny.Prompt();
        using var context = new ReplayContext(inputs, Base, Rlvr);
        var method = ReplayMethods.Get("replay");
        using var whole = method.Prepare(context, Settings with { Iterations = 8 });
        var losses = whole.Trace!.Losses;
        var share = (losses[2] + losses[3]) / 2 / losses[0];

        using var ended = method.Prepare(context, Settings with { Iterations = 8, StopAt = share });
        using var alone = method.Prepare(context, Settings with { Iterations = 3 });

        losses.Should().BeInDescendingOrder();
        ended.Trace!.Losses.Should().Equal(losses.Take(4));
        // The offsets are those whose loss was reached: no step follows it.
        (ended.LearnableTokens! - alone.LearnableTokens!).abs().max().item<float>().Should().Be(0);
    }

    [Test]
    public void Prepare_Cancelled_TakesNoFurtherStep_AndLeavesNoTensorsBehind()
    {
        using var inputs = Tiny.Prompt();
        using var cancel = new CancellationTokenSource();
        using var context = new ReplayContext(inputs, Base, Rlvr) { Cancel = cancel.Token };
        var method = ReplayMethods.Get("replay");
        method.Prepare(context, Settings).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var steps = 0;
        context.OnGradient = (step, _) =>
        {
            steps++;
            if (step == 1)
            {
                cancel.Cancel();
            }
        };

        FluentActions.Invoking(() => method.Prepare(context, Settings with { Iterations = 1000 })).Should().Throw<OperationCanceledException>();

        steps.Should().Be(2);
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(before);
    }

    [Test]
    public void Momentum_AddsNineTenthsOfTheLastMove()
    {
        using var inputs = Tiny.Prompt();
        using var context = new ReplayContext(inputs, Base, Rlvr);
        var gradients = new List<Tensor>();
        context.OnGradient = (_, g) => gradients.Add(g.clone().DetachFromDisposeScope());

        using var prepared = ReplayMethods.Get("replay").Prepare(
            context, Settings with { Optimiser = OptimiserKind.Momentum, Iterations = 3 });

        // −η (g0 + (0.9 g0 + g1) + (0.81 g0 + 0.9 g1 + g2))
        using var expected = (gradients[0] * 2.71 + gradients[1] * 1.9 + gradients[2]) * -Settings.LearningRate;
        (prepared.LearnableTokens! - expected).abs().max().item<float>()
            .Should().BeLessThan(1e-5f * expected.abs().max().item<float>(), "fp32 sums in another order");
        gradients.ForEach(g => g.Dispose());
    }

    [Test]
    public void Prepare_AtAnAbsurdRate_IsDiverged()
    {
        using var inputs = Tiny.Prompt();
        using var context = new ReplayContext(inputs, Base, Rlvr);

        using var prepared = ReplayMethods.Get("replay").Prepare(context, Settings with { LearningRate = 1e4 });

        prepared.Trace!.Status.Should().Be(OptimisationStatus.Diverged);
    }

    [Test]
    public void Prepare_WithALayerThatTheModelLacks_NamesIt()
    {
        using var inputs = Tiny.Prompt();
        using var context = new ReplayContext(inputs, Base, Rlvr);

        FluentActions.Invoking(() => ReplayMethods.Get("replay").Prepare(context, Settings with { Layers = [0, 4] }))
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Layer 4*layers 0 to 3*");
    }

    [Test]
    public void Prepare_LeavesNoTensorsBehind()
    {
        using var inputs = Tiny.Prompt();
        using var context = new ReplayContext(inputs, Base, Rlvr);
        var method = ReplayMethods.Get("replay");
        method.Prepare(context, Settings).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        method.Prepare(context, Settings).Dispose();

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(before);
    }

    private IReadOnlyList<int> Answer(ReplayContext context, Intervention intervention)
    {
        var generator = new TextGenerator(Rlvr, []);
        var settings = new GenerationSettings { MaxNewTokens = 8 };
        return generator.Generate(new GenerationRequest(context.Encoded(ModelRole.Rlvr), intervention, settings))[0].Ids;
    }
}
