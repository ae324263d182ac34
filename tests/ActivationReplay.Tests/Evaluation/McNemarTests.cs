using ActivationReplay.Evaluation.Statistics;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Evaluation;

public sealed class McNemarTests
{
    // 2 · P(X ≤ min), by hand: (1, 5): 2 · (1 + 6) / 64; (0, 10): 2 / 1024; (10, 20) as R's binom.test(10, 30) gives it.
    [TestCase(1, 5, 0.21875)]
    [TestCase(0, 10, 0.001953125)]
    [TestCase(10, 20, 0.09873715)]
    public void PValue_IsTheExactBinomialTest(int first, int second, double expected)
    {
        McNemar.PValue(first, second).Should().BeApproximately(expected, 1e-7);
        McNemar.PValue(second, first).Should().Be(McNemar.PValue(first, second));
    }

    [TestCase(0, 0)]
    [TestCase(3, 3)]
    public void PValue_OfAnEvenSplit_IsOne(int first, int second) => McNemar.PValue(first, second).Should().Be(1);

    [Test]
    public void PValue_OfANegativeCount_IsRefused() =>
        FluentActions.Invoking(() => McNemar.PValue(-1, 2)).Should().Throw<ArgumentOutOfRangeException>();
}
