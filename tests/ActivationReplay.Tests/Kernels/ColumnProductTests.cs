using ActivationReplay.Kernels;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Kernels;

public sealed class ColumnProductTests
{
    // Full and broken tiles, one chain of terms, two halves, and several.
    [Test]
    public void Of_IsTheProduct_AndAddAddsIt(
        [Values(1, 16, 36, 49, 128)] int columns, [Values(5, 192, 300, 448)] int depth, [Values(3, 8, 33)] int rows, [Values] bool isTransposed)
    {
        Assume.That(ColumnProduct.Takes(columns), "the processor has AVX-512");
        using var scope = NewDisposeScope();
        manual_seed(columns + depth + rows);
        var (weight, x, sum) = (isTransposed ? randn(depth, rows) : randn(rows, depth), randn(depth, columns), randn(rows, columns));
        var exact = (isTransposed ? weight.t() : weight).to_type(ScalarType.Float64).mm(x.to_type(ScalarType.Float64));
        var expectedSum = sum + exact;

        var product = ColumnProduct.Of(weight, isTransposed, x);
        ColumnProduct.Add(weight, isTransposed, x, sum);

        // fp32, sums of up to 448 terms of size 1.
        (product - exact).abs().max().item<double>().Should().BeLessThan(1e-4);
        (sum - expectedSum).abs().max().item<double>().Should().BeLessThan(1e-4);
    }

    [Test]
    public void Of_SumsAColumnAlike_HoweverManyColumnsThereAre([Values] bool isTransposed)
    {
        Assume.That(ColumnProduct.Takes(1), "the processor has AVX-512");
        using var scope = NewDisposeScope();
        manual_seed(1);
        var (weight, x) = (randn(200, 200), randn(200, 128));
        var together = ColumnProduct.Of(weight, isTransposed, x);

        foreach (var column in new[] { 0, 1, 35, 127 })
        {
            var alone = ColumnProduct.Of(weight, isTransposed, x.narrow(1, column, 1).contiguous());
            together.narrow(1, column, 1).equal(alone).all().item<bool>().Should().BeTrue();
        }
    }
}
