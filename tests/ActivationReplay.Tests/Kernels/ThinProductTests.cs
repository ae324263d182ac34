using ActivationReplay.Kernels;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Kernels;

public sealed class ThinProductTests
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
    public void Of_SumsARowAlike_HoweverManyRowsThereAre([Values(96, 100)] int width)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        // Full and broken tiles of both kinds; a width that wide tiles take, and one that they do not.
        var (x, weight) = (randn(11, width), randn(30, width));

        var together = ThinProduct.Of(x, weight, null);

        for (var row = 0; row < 11; row++)
        {
            together[row].equal(ThinProduct.Of(x[row], weight, null)).all().item<bool>().Should().BeTrue();
        }
    }
}
