using ActivationReplay.Inputs;
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
