using ActivationReplay.Kernels;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Kernels;

public sealed unsafe class ThinProductTests
{
    // Full and broken tiles, widths with and without a rest, products large enough for several threads.
    [Test]
    public void Of_IsTheLinearMap([Values(1, 2, 7, 64)] int rows, [Values(5, 64, 100)] int width, [Values(1, 4, 6, 1030)] int columns)
    {
        using var scope = NewDisposeScope();
        manual_seed(rows + width + columns);
        var (x, weight, bias) = (randn(rows, width), randn(columns, width), randn(columns));

        var computed = ThinProduct.Of(x, weight, bias);

        // fp32, sums of up to 100 terms.
        (computed - nn.functional.linear(x, weight, bias)).abs().max().item<float>().Should().BeLessThan(5e-5f);
        (ThinProduct.Of(x, weight, null) + bias).equal(computed).all().item<bool>().Should().BeTrue();
    }

    [Test]
    public void Of_SumsARowAlike_HoweverManyRowsThereAre([Values(3, 8, 9, 37, 64)] int rows, [Values(96, 100, 1032)] int width)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        // Full and broken tiles of each kind; widths of one piece and of several, and one that only narrow tiles take.
        var (x, weight, bias) = (randn(rows, width), randn(30, width), randn(30));

        var together = ThinProduct.Of(x, weight, bias);

        for (var row = 0; row < rows; row++)
        {
            together[row].equal(ThinProduct.Of(x[row], weight, bias)).all().item<bool>().Should().BeTrue();
        }
    }

    [Test]
    public void Write_AddsToWhatIsThere([Values(2, 5, 20, 40)] int rows)
    {
        using var scope = NewDisposeScope();
        manual_seed(rows);
        var (x, weight, sum) = (randn(rows, 64), randn(21, 64), randn(rows, 21));
        var expected = sum + ThinProduct.Of(x, weight, null);

        new ThinProduct(weight, null, sum, adds: true).Write(new HostRows(x).At(0), rows, 0, 6);

        sum.equal(expected).all().item<bool>().Should().BeTrue();
    }
}
