using ActivationReplay.Inputs;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Objective;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Replay.Objective;

public sealed class LearnableGridTests
{
    private static readonly VisualSpan[] Spans = [new(3, 1, 4, 6, false), new(40, 2, 3, 5, true)];

    [TestCase(1.0, 24 + 30)]
    [TestCase(0.5, 2 * 3 + 2 * 2 * 3)]
    [TestCase(0.1, 1 + 2)]
    public void Count_IsCellsOfEachTemporalStep(double ratio, int count) =>
        LearnableGrid.OfRatio(Spans, ratio).Count.Should().Be(count);

    [TestCase(1.0)]
    [TestCase(0.5)]
    [TestCase(0.1)]
    public void Upsample_OfConstantCells_IsConstant(double ratio)
    {
        using var scope = NewDisposeScope();
        var grid = LearnableGrid.OfRatio(Spans, ratio);

        var full = grid.Upsample(ones(grid.Count, 3));

        full.shape.Should().Equal(54, 3);
        full.sub(1).abs().max().item<float>().Should().BeLessThan(1e-6f);
    }

    [Test]
    public void Upsample_KeepsStepsAndMediaApart()
    {
        using var scope = NewDisposeScope();
        var grid = LearnableGrid.OfRatio(Spans, 0.5);
        var cells = cat([zeros(6, 1), ones(6, 1), full([6, 1], 2f)], 0);

        var up = grid.Upsample(cells);

        up.narrow(0, 0, 24).unique().output.data<float>().ToArray().Should().Equal(0f);
        up.narrow(0, 24, 15).unique().output.data<float>().ToArray().Should().Equal(1f);
        up.narrow(0, 39, 15).unique().output.data<float>().ToArray().Should().Equal(2f);
    }

    [TestCase(1.0, 24 + 30)]
    [TestCase(0.5, 24 + 15)]
    [TestCase(0.01, 24 + 15)]
    public void Count_IsTemporalStepsByTheirRatio_OfPicturesAlwaysOne(double ratio, int count) =>
        LearnableGrid.Of(Spans, new ReplaySettings { GridTimeRatio = ratio }).Count.Should().Be(count);

    [Test]
    public void Upsample_OfOneStep_IsSharedByAll()
    {
        using var scope = NewDisposeScope();
        var grid = LearnableGrid.Of(Spans, new ReplaySettings { GridTimeRatio = 0.01 });

        var full = grid.Upsample(randn(grid.Count, 3));

        full.narrow(0, 24, 15).data<float>().ToArray().Should().Equal(full.narrow(0, 39, 15).data<float>().ToArray());
    }

    [Test]
    public void Upsample_BetweenSteps_IsLinearInTime()
    {
        using var scope = NewDisposeScope();
        VisualSpan[] clip = [new(0, 4, 1, 2, true)];
        var grid = LearnableGrid.Of(clip, new ReplaySettings { GridTimeRatio = 0.5 });

        // Steps at 0.5 and 2.5 of 4, corners not aligned: a quarter and three quarters between them, the ends held.
        var full = grid.Upsample(tensor([0f, 10f, 4f, 30f], 4, 1));

        full.data<float>().ToArray().Should().Equal(0f, 10f, 1f, 15f, 3f, 25f, 4f, 30f);
    }

    [TestCase(1, 1 + 2)]
    [TestCase(6, 6 + 2 * 6)]
    [TestCase(1000, 24 + 30)]
    public void OfTokens_IsTheFullestGridOfThePicturesAspect(int cells, int count) =>
        LearnableGrid.OfTokens(Spans, cells).Count.Should().Be(count);

    [TestCase(0.0)]
    [TestCase(1.1)]
    public void OfRatio_OutOfRange_IsRefused(double ratio) =>
        FluentActions.Invoking(() => LearnableGrid.OfRatio(Spans, ratio)).Should().Throw<ArgumentOutOfRangeException>();
}
