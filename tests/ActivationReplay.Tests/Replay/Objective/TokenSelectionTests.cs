using ActivationReplay.Replay;
using ActivationReplay.Replay.Objective;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Replay.Objective;

public sealed class TokenSelectionTests
{
    private static readonly float[] Entropies = [1.0f, 0.2f, 2.0f, 0.8f, 0.2f];

    [Test]
    public void Select_LowByMaxFraction_TakesThoseAtOrBelowTheFraction()
    {
        // 0.4 · 2 = 0.8, itself included.
        Select(new ReplaySettings { Threshold = new(ThresholdRule.MaxFraction, 0.4) }).Should().Equal(1, 3, 4);
    }

    [Test]
    public void Select_LowByQuantile_InterpolatesBetweenOrderStatistics()
    {
        // Sorted 0.2 0.2 0.8 1 2: the 0.6-quantile lies at 2.4, 0.8 + 0.4 · 0.2 = 0.88.
        TokenSelection.Threshold(Entropies, new(ThresholdRule.Quantile, 0.6)).Should().BeApproximately(0.88, 1e-6);
        Select(new ReplaySettings { Threshold = new(ThresholdRule.Quantile, 0.6) }).Should().Equal(1, 3, 4);
    }

    [Test]
    public void Select_LowByAbsolute_TakesThoseAtOrBelow()
    {
        Select(new ReplaySettings { Threshold = new(ThresholdRule.Absolute, 0.3) }).Should().Equal(1, 4);
    }

    [Test]
    public void Select_High_TakesAsManyFromTheTop_TiesToTheEarlier()
    {
        Select(new ReplaySettings { Selection = EntropySelection.High, Threshold = new(ThresholdRule.MaxFraction, 0.4) })
            .Should().Equal(0, 2, 3);
        TokenSelection.Select([1, 1, 1], new ReplaySettings { Selection = EntropySelection.High, Threshold = new(ThresholdRule.Absolute, 0) }, 0)
            .Should().BeEmpty();
    }

    [Test]
    public void Select_Random_TakesAsManyAsLow_AndDependsOnSeedAndLayer()
    {
        var entropies = Enumerable.Range(0, 64).Select(i => (float)i).ToArray();
        var settings = new ReplaySettings { Selection = EntropySelection.Random, Threshold = new(ThresholdRule.Quantile, 0.5) };

        var first = TokenSelection.Select(entropies, settings, 0);

        first.Should().HaveCount(32).And.BeInAscendingOrder();
        TokenSelection.Select(entropies, settings, 0).Should().Equal(first);
        TokenSelection.Select(entropies, settings, 1).Should().NotEqual(first);
        TokenSelection.Select(entropies, settings with { Seed = 1 }, 0).Should().NotEqual(first);
    }

    [Test]
    public void Select_All_TakesEveryPosition() =>
        Select(new ReplaySettings { Selection = EntropySelection.All }).Should().Equal(0, 1, 2, 3, 4);

    [TestCase(1.5)]
    [TestCase(-0.1)]
    [TestCase(double.NaN)]
    public void Settings_WithAThresholdOutOfRange_AreRefused(double value)
    {
        FluentActions.Invoking(() => new ReplaySettings { Threshold = new(ThresholdRule.Quantile, value) })
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Threshold*0 to 1*");
    }

    private static int[] Select(ReplaySettings settings) => TokenSelection.Select(Entropies, settings, 0);
}
