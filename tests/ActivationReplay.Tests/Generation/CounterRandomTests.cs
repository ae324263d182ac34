using ActivationReplay.Generation;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Generation;

public sealed class CounterRandomTests
{
    [Test]
    public void Uniform_HasTheMomentsOfTheUniformDistribution()
    {
        double[] draws = [.. Enumerable.Range(0, 100_000).Select(i => CounterRandom.Uniform(1, (ulong)i))];

        // Standard errors: 0.0009 of the mean, 0.0002 of the second moment's deviation.
        draws.Average().Should().BeApproximately(0.5, 0.005);
        draws.Average(d => d * d).Should().BeApproximately(1 / 3.0, 0.005);
        draws.Should().OnlyContain(d => d >= 0 && d < 1);
    }

    [Test]
    public void Uniform_DependsOnEachWordOfTheCounter()
    {
        double[] draws = [CounterRandom.Uniform(0, 0, 0), CounterRandom.Uniform(0, 1, 0), CounterRandom.Uniform(0, 0, 1), CounterRandom.Uniform(1, 0, 0)];

        draws.Should().OnlyHaveUniqueItems();
    }
}
