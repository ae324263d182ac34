using ActivationReplay.Evaluation.Shifts;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Evaluation;

/// <summary>Synthetic shifts: a layer's KL is a function of bucket and chance.</summary>
public sealed class ShiftsTests
{
    private const int Layers = 3;
    private const int Buckets = 10;

    [Test]
    public void Normalised_AveragesToOneInEachLayer()
    {
        var estimates = BucketEstimate.Summarise(Samples(12, (layer, bucket, noise) => Math.Pow(10, layer) * (1 + bucket + noise)));

        estimates.Should().HaveCount(Layers * Buckets);
        foreach (var layer in estimates.GroupBy(e => e.Layer))
        {
            layer.Average(e => e.Normalised.Mean).Should().BeApproximately(1, 1e-12);
            layer.Should().OnlyContain(e => e.Normalised.Low <= e.Normalised.Mean && e.Normalised.Mean <= e.Normalised.High);
        }
    }

    [Test]
    public void Normalised_OfALayerThatDoesNotShift_IsNotANumber() =>
        BucketEstimate.Summarise(Samples(4, (layer, _, _) => layer == 0 ? 0 : 1))
            .Where(e => e.Layer == 0).Should().OnlyContain(e => double.IsNaN(e.Normalised.Mean) && e.Kl.Mean == 0);

    [Test]
    public void Test_WhereLowEntropyShiftsMore_IsSmallAndPositive()
    {
        var tests = LowHighTest.Run(Samples(30, (_, bucket, noise) => 2 - (0.1 * bucket) + noise));

        tests.Should().HaveCount(Layers + 1).And.OnlyContain(t => t.P < 0.01 && t.Difference.Low > 0 && t.Relative.Low > 0);
        tests[^1].Layer.Should().BeNull();
        tests.SkipLast(1).Should().OnlyContain(t => t.PHolm >= t.P && t.PHolm < 0.01);
    }

    [Test]
    public void Test_WhereHighEntropyShiftsMore_IsSmallAndNegative() =>
        LowHighTest.Run(Samples(30, (_, bucket, noise) => 1 + (0.1 * bucket) + noise))
            .Should().OnlyContain(t => t.P < 0.01 && t.Difference.High < 0);

    [Test]
    public void Test_WithoutAnEffect_IsSmallNoMoreOftenThanItsLevel()
    {
        var small = Enumerable.Range(0, 100).Count(seed =>
            LowHighTest.Run(Samples(10, (_, _, noise) => 1 + noise, seed))[0].P < 0.05);

        // 5 expected of 100; 14 is four standard errors above.
        small.Should().BeLessThan(14);
    }

    private static List<SampleShift> Samples(int count, Func<int, int, double, double> kl, int seed = 0)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(s => new SampleShift($"{s}", 100,
            [
                .. Enumerable.Range(0, Layers).Select(l => new LayerShift(
                [
                    .. Enumerable.Range(0, Buckets).Select(b =>
                    {
                        var value = kl(l, b, random.NextDouble() - 0.5);
                        return new BucketShift(10, b, value, value);
                    }),
                ], 0)),
            ])),
        ];
    }
}
