using ActivationReplay.Inputs;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Inputs;

public sealed class RotaryPositionsTests
{
    [Test]
    public void Compute_OfText_CountsUpOnAllAxes()
    {
        var positions = RotaryPositions.Compute(4, [], []);

        positions.Should().AllSatisfy(axis => axis.Should().Equal(0, 1, 2, 3));
    }

    [Test]
    public void Compute_OfPicture_SpansItsGridAndTextGoesOnFromTheLargest()
    {
        var positions = RotaryPositions.Compute(9, [new VisualSpan(1, 1, 2, 3, IsVideo: false)], [0]);

        positions[0].Should().Equal(0, 1, 1, 1, 1, 1, 1, 4, 5);
        positions[1].Should().Equal(0, 1, 1, 1, 2, 2, 2, 4, 5);
        positions[2].Should().Equal(0, 1, 2, 3, 1, 2, 3, 4, 5);
    }

    [Test]
    public void Compute_OfVideo_CutsTimeOffToWholePositions()
    {
        // Three steps of 1.5 positions: trunc(0, 1.5, 3).
        var positions = RotaryPositions.Compute(3, [new VisualSpan(0, 3, 1, 1, IsVideo: true)], [1.5]);

        positions[0].Should().Equal(0, 1, 3);
    }
}
