using ActivationReplay.Evaluation.Statistics;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Evaluation;

public sealed class BootstrapTests
{
    [Test]
    public void Mean_OfAShare_HasTheNormalIntervalToFirstOrder()
    {
        double[] values = [.. Enumerable.Range(0, 400).Select(i => i % 4 == 0 ? 1.0 : 0.0)];

        var estimate = Bootstrap.Mean(values);

        // 0.25 ± 1.96 √(0.25 · 0.75 / 400) = 0.25 ± 0.0424.
        estimate.Mean.Should().Be(0.25);
        estimate.Low.Should().BeApproximately(0.2076, 0.006);
        estimate.High.Should().BeApproximately(0.2924, 0.006);
    }

    [Test]
    public void Mean_OfEqualValues_HasNoWidth() => Bootstrap.Mean([1, 1, 1]).Should().Be(new Estimate(1, 1, 1));

    [Test]
    public void Mean_OfNothing_IsNotANumber() => Bootstrap.Mean([]).Mean.Should().Be(double.NaN);
}
