using ActivationReplay.Benchmarks.Reference;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Benchmarks;

/// <summary>The baseline computes what the engine computes, in the expensive way.</summary>
public sealed class ReferenceShapedLoopTests : TinyPairTests
{
    private static readonly ReplaySettings Settings = Fitting with
    {
        LearningRate = 0.5,
        Iterations = 5,
    };

    [TestCase(LayerAlignment.Aligned, 1)]
    [TestCase(LayerAlignment.Aligned, 2)]
    [TestCase(LayerAlignment.Reference, 1)]
    [TestCase(LayerAlignment.Reference, 2)]
    public void Losses_AreTheEngines(LayerAlignment alignment, int pictures)
    {
        using var inputs = Tiny.Prompt(pictures);
        using var context = new ReplayContext(inputs, Base, Rlvr);
        var settings = Settings with { Alignment = alignment };

        var reference = ReferenceShapedLoop.Run(context, settings);

        using var prepared = ReplayMethods.Get("replay").Prepare(context, settings);
        var losses = prepared.Trace!.Losses;
        losses.Should().HaveCount(5);
        losses[4].Should().NotBe(losses[0]);
        // The two sum in other orders, in fp32.
        reference.Losses.Zip(losses).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) <= 1e-4 * pair.Second);
    }

    [Test]
    public void Iteration_RunsTheTowerAndEveryLayerOverEveryPosition()
    {
        using var inputs = Tiny.Prompt(after: 9);
        using var context = new ReplayContext(inputs, Base, Rlvr);

        ReferenceShapedLoop.Run(context, Settings);

        Rlvr.VisionPasses.Should().Be(Settings.Iterations);
        Rlvr.LayerPositions.Should().Be(Settings.Iterations * Rlvr.Layers * inputs.Length);
    }

    [Test]
    public void Settings_OfAnotherLoss_AreRefused()
    {
        using var inputs = Tiny.Prompt();
        using var context = new ReplayContext(inputs, Base, Rlvr);

        FluentActions.Invoking(() => ReferenceShapedLoop.Run(context, Settings with { Direction = KlDirection.Reverse }))
            .Should().Throw<ArgumentException>();
    }
}
