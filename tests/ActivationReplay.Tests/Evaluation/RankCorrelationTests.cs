using ActivationReplay.Evaluation.Statistics;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Evaluation;

public sealed class RankCorrelationTests
{
    [Test]
    public void Of_AnyRisingFunction_IsOne_AndOfAFallingOneMinusOne()
    {
        float[] x = [3, 1, 2, 5, 4];

        RankCorrelation.Of(x, [.. x.Select(MathF.Exp)]).Should().BeApproximately(1, 1e-12);
        RankCorrelation.Of(x, [.. x.Select(v => -v)]).Should().BeApproximately(-1, 1e-12);
    }

    // Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: covariance 4.5, variances 4.5 and 5.
    [Test]
    public void Of_EqualValues_SharesTheirMeanRank() =>
        RankCorrelation.Of([1, 2, 2, 3], [1, 3, 2, 4]).Should().BeApproximately(4.5 / Math.Sqrt(4.5 * 5), 1e-12);

    [Test]
    public void Of_AConstant_IsNotANumber() => RankCorrelation.Of([1, 1, 1], [1, 2, 3]).Should().Be(double.NaN);
}
