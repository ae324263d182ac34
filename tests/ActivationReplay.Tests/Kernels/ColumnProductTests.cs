using ActivationReplay.Kernels;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Kernels;

public sealed class ColumnProductTests
{
    // Full and broken tiles, one chain of terms, two halves, and several.
    [Test]
    public void Write_IsTheProduct_OrAddsIt(
        [Values(1, 16, 36, 49, 65, 128, 300, 513)] int columns, [Values(5, 192, 300, 448)] int depth, [Values(3, 8, 33)] int rows, [Values] bool isTransposed)
    {
        using var scope = NewDisposeScope();
        manual_seed(columns + depth + rows);
        var (weight, x, sum) = (isTransposed ? randn(depth, rows) : randn(rows, depth), randn(depth, columns), randn(rows, columns));
        var exact = (isTransposed ? weight.t() : weight).to_type(ScalarType.Float64).mm(x.to_type(ScalarType.Float64));
        var expectedSum = sum + exact;

        var product = Product(weight, isTransposed, x);
        ColumnProduct.Write(new HostMatrix(weight), isTransposed, new HostMatrix(x), new HostMatrix(sum), adds: true);

        // fp32, sums of up to 448 terms of size 1.
        (product - exact).abs().max().item<double>().Should().BeLessThan(1e-4);
        (sum - expectedSum).abs().max().item<double>().Should().BeLessThan(1e-4);
    }

    [Test]
    public void Write_SumsAColumnAlike_HoweverManyColumnsThereAre([Values] bool isTransposed)
    {
        Assume.That(ColumnProduct.Takes(1), "the processor has AVX-512");
        using var scope = NewDisposeScope();
        manual_seed(1);
        var (weight, x) = (randn(200, 200), randn(200, 128));
        var together = Product(weight, isTransposed, x);

        foreach (var column in new[] { 0, 1, 35, 127 })
        {
            var alone = Product(weight, isTransposed, x.narrow(1, column, 1).contiguous());
            together.narrow(1, column, 1).equal(alone).all().item<bool>().Should().BeTrue();
        }
    }

    // The products of attention: operands as they lie, turned, and parts of wider ones.
    [Test]
    public void HeadProduct_IsTheBatchedProduct_AndAddAddsIt(
        [Values] bool isTurned, [Values] bool isOtherTurned, [Values(1, 36, 130, 520)] int columns, [Values(5, 72, 400)] int depth)
    {
        using var scope = NewDisposeScope();
        manual_seed(columns + depth);
        const int Items = 3, Rows = 7;
        var (a, b, y) = (isTurned ? randn(Items, depth, Rows + 2) : randn(Items, Rows, depth + 2), isOtherTurned ? randn(Items, columns, depth) : randn(Items, depth, columns), randn(Items, Rows, columns + 4));
        var used = isTurned ? a.narrow(2, 2, Rows).transpose(1, 2) : a.narrow(2, 2, depth);
        var exact = used.to_type(ScalarType.Float64).bmm((isOtherTurned ? b.transpose(1, 2) : b).to_type(ScalarType.Float64));
        var (before, target) = (y.clone(), y.narrow(2, 3, columns));
        HeadOperand left = new(new HostMatrix(a), 2, isTurned ? Rows : depth, isTurned), right = HeadOperand.All(new HostMatrix(b), isOtherTurned);

        HeadProduct.Write(Items, left, right, new(new HostMatrix(y), 3, columns));

        // fp32, sums of up to 400 terms of size 1.
        (target - exact).abs().max().item<double>().Should().BeLessThan(1e-4);
        HeadProduct.Write(Items, left, right, new(new HostMatrix(y), 3, columns), adds: true);
        (target - (2 * exact)).abs().max().item<double>().Should().BeLessThan(2e-4);
        y.narrow(2, 0, 3).equal(before.narrow(2, 0, 3)).all().item<bool>().Should().BeTrue("other columns stay");
        y.narrow(2, columns + 3, 1).equal(before.narrow(2, columns + 3, 1)).all().item<bool>().Should().BeTrue("other columns stay");
    }

    private static Tensor Product(Tensor weight, bool isTransposed, Tensor x)
    {
        var result = empty(weight.size(isTransposed ? 1 : 0), x.size(1));
        ColumnProduct.Write(new HostMatrix(weight), isTransposed, new HostMatrix(x), new HostMatrix(result), adds: false);
        return result;
    }
}
