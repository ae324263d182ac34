using ActivationReplay.Evaluation.Statistics;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Evaluation;

public sealed class HolmTests
{
    [Test]
    public void Correct_OfHolmsExample_KeepsTheOrderGiven()
    {
        // 3 · 0.01, 2 · 0.02, 1 · 0.03 raised to the one before.
        double[] expected = [0.04, 0.03, 0.04];
        var corrected = Holm.Correct([0.03, 0.01, 0.02]);

        corrected.Zip(expected).Should().OnlyContain(p => Math.Abs(p.First - p.Second) < 1e-12);
    }

    [Test]
    public void Correct_IsAtMostOne_AndLeavesOutWhatIsNoTest() =>
        Holm.Correct([0.9, double.NaN, 0.2]).Should().Equal(0.9, double.NaN, 0.4);
}
