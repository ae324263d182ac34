using ActivationReplay.Kernels;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Kernels;

public sealed class OrderedSumsTests
{
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(7)]
    [TestCase(8)]
    [TestCase(33)]
    [TestCase(96)]
    [TestCase(1001)]
    public void Sums_AreThoseOfTheFormula_AndTheSameBitsAtEveryAddress(int count)
    {
        var random = new Random(count);
        float[] x = [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        float[] y = [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        var (sum, dot) = (OrderedSums.Sum(x), OrderedSums.Dot(x, y));

        // A sum of n products of numbers below a half errs by at most n² · 2⁻²⁴ / 4, and by far less as a rule.
        sum.Should().BeApproximately((float)x.Sum(v => (double)v), 1e-6f * (1 + count));
        dot.Should().BeApproximately((float)x.Zip(y, (a, b) => (double)a * b).Sum(), 1e-6f * (1 + count));
        OrderedSums.SumOfSquares(x).Should().Be(OrderedSums.Dot(x, x));
        for (var offset = 1; offset < 16; offset++)
        {
            var (movedX, movedY) = (new float[count + 16], new float[count + 32]);
            x.CopyTo(movedX, offset);
            y.CopyTo(movedY, 2 * offset);
            OrderedSums.Sum(movedX.AsSpan(offset, count)).Should().Be(sum);
            OrderedSums.Dot(movedX.AsSpan(offset, count), movedY.AsSpan(2 * offset, count)).Should().Be(dot);
        }
    }

    [Test]
    public void Dot_OfSpansOfTwoLengths_IsRefused() =>
        FluentActions.Invoking(() => OrderedSums.Dot(new float[3], new float[4])).Should().Throw<ArgumentOutOfRangeException>();
}
