using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Vision;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Inputs;

public sealed class VisionLayoutTests
{
    [TestCase(1, 4, 4)]
    [TestCase(2, 6, 10)]
    [TestCase(3, 2, 14)]
    public void UnitOrder_IsAPermutation(int frames, int rows, int columns)
    {
        var layout = new VisionLayout(Tiny.Config().Vision, [new PatchGrid(frames, rows, columns), new PatchGrid(1, 4, 6)]);

        layout.UnitOrder.Order().Should().Equal(Enumerable.Range(0, frames * rows * columns / 4 + 6).Select(i => (long)i));
    }

    [Test]
    public void Windows_CoverEachFrameOnce()
    {
        var layout = new VisionLayout(Tiny.Config().Vision, [new PatchGrid(2, 6, 10)]);
        var medium = layout.Media.Should().ContainSingle().Subject;

        medium.Windows.Sum(run => run.Count * run.Length).Should().Be(medium.FrameLength);
        medium.Windows.Select(run => run.Length).Should().OnlyHaveUniqueItems();
    }

    [Test]
    public void Windows_OfTowerWithoutWindows_AreWholeFrames()
    {
        var layout = new VisionLayout(Tiny.Config(ModelFamily.Qwen2Vl).Vision, [new PatchGrid(1, 8, 8)]);

        layout.Media[0].Windows.Should().Equal(new SegmentRun(0, 1, 64));
    }
}
