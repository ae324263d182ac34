using ActivationReplay.Evaluation.Statistics;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Evaluation;

public sealed class SignFlipTestTests
{
    [Test]
    public void PValue_OfAFewEqualDifferences_IsExact()
    {
        // Of 2^5 assignments of signs two are as far from 0: all + and all -.
        SignFlipTest.PValue([1, 1, 1, 1, 1]).Should().Be(2.0 / 32);
        SignFlipTest.PValue([-0.3, -0.1, -0.2, -0.4, -0.5]).Should().Be(2.0 / 32);
    }

    [Test]
    public void PValue_WithoutAnEffect_IsUniform()
    {
        var random = new Random(5);
        double[] p = [.. Enumerable.Range(0, 400).Select(_ => SignFlipTest.PValue([.. Gaussians(random, 11, 0)]))];

        // Binomial bounds, four standard errors of 400 draws.
        p.Average().Should().BeApproximately(0.5, 4 * 0.289 / 20);
        foreach (var level in new[] { 0.05, 0.25, 0.5, 0.75 })
        {
            p.Average(v => v <= level ? 1.0 : 0.0).Should().BeApproximately(level, 4 * Math.Sqrt(level * (1 - level)) / 20);
        }
    }

    [Test]
    public void PValue_OfAnEffectInManySamples_IsTheLeastThatDrawsCanShow() =>
        SignFlipTest.PValue([.. Gaussians(new Random(6), 80, 1)]).Should().BeApproximately(1e-5, 1e-9);

    [Test]
    public void PValue_ByDraws_IsNearTheNormalLimit()
    {
        // Sum 20 of 100 signs: P(|z| ≥ 1.9), with the correction for steps of 2, is 0.0574.
        double[] values = [.. Enumerable.Range(0, 100).Select(i => i < 60 ? 1.0 : -1.0)];

        // Three standard errors of the draws are 0.0022.
        SignFlipTest.PValue(values).Should().BeApproximately(0.0574, 0.0025);
    }

    [Test]
    public void PValue_OfNoDifference_IsOne_AndOfNothingIsNotANumber()
    {
        SignFlipTest.PValue([0, 0, 0]).Should().Be(1);
        SignFlipTest.PValue([]).Should().Be(double.NaN);
    }

    private static IEnumerable<double> Gaussians(Random random, int count, double mean) => Enumerable.Range(0, count)
        .Select(_ => mean + (Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())));
}
