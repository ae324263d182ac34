using ActivationReplay.Kernels;
using ActivationReplay.Models;
using NUnit.Framework;
using static ActivationReplay.Tests.Conformance.Exact;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Conformance;

/// <summary>Every rotation of heads and its derivative against autograd of (a cos − b sin, b cos + a sin).</summary>
public sealed class RotaryConformanceTests
{
    private const int Heads = 3;

    // Half heads of 1, of less than a vector of the processor's, and of several vectors with some elements behind them.
    [Test]
    public void Tables_EqualTheFormula(
        [Values(ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float64)] ScalarType type,
        [Values(1, 64, 65)] int length, [Values(1, 4, 67)] int half)
    {
        using var scope = NewDisposeScope();
        manual_seed(length + half);
        var (x, exact) = Random(type, length, Heads, 2 * half);
        var (g, exactG) = Random(type, length, Heads, 2 * half);
        var (table, expected) = Expected(type, exact, half);
        var pulled = autograd.grad([expected], [exact], [exactG])[0];

        var tracked = x.detach().requires_grad_();
        var rotated = table.Rotate(tracked.unsqueeze(0)).squeeze(0);
        ShouldAgree(rotated, expected, type, "rows");
        ShouldAgree(autograd.grad([rotated], [tracked], [g])[0], pulled, type, "rows, backward");
        using var quiet = no_grad();
        var part = cat([x, x], 1); // heads that are a part of more
        ShouldAgree(table.RotateInPlace(part.unsqueeze(0).narrow(2, 0, Heads)).squeeze(0), expected, type, "in place");
        ShouldAgree(table.Inverse().RotateInPlace(g.clone().unsqueeze(0)).squeeze(0), pulled, type, "in place, backward");
    }

    [Test]
    public void Kernel_EqualsTheFormula([Values(1, 65)] int length, [Values(1, 4, 67)] int half)
    {
        using var scope = NewDisposeScope();
        manual_seed(length + half);
        var (x, exact) = Random(ScalarType.Float32, length, Heads, 2 * half);
        var (g, exactG) = Random(ScalarType.Float32, length, Heads, 2 * half);
        var (table, expected) = Expected(ScalarType.Float32, exact, half);
        var pulled = autograd.grad([expected], [exact], [exactG])[0];
        using var quiet = no_grad();

        ShouldAgree(Rotated(x, table, back: false), expected, ScalarType.Float32, "forward");
        ShouldAgree(Rotated(g, table, back: true), pulled, ScalarType.Float32, "backward");
    }

    // With the halves of the sines exchanged, their signs are: the rotation by the negative angle.
    private static unsafe Tensor Rotated(Tensor x, Rotary table, bool back)
    {
        var (half, result) = ((int)x.shape[2] / 2, empty(x.shape));
        var (rows, to, cos, sin) = (new HostRows(x), new HostRows(result), new HostRows(table.Cos), new HostRows(table.Sin));
        for (var row = 0; row < x.shape[0] * Heads; row++)
        {
            float* a = rows.At(row), y = to.At(row), c = cos.At(row / Heads), s = sin.At(row / Heads);
            HostRotary.Rotate(a, c, a + half, back ? s + half : s, y, half);
            HostRotary.Rotate(a + half, c + half, a, back ? s : s + half, y + half, half);
        }

        return result;
    }

    // A table of random angles [1, T, 1, d], and the rotation by its own cosines and sines in fp64.
    private static (Rotary Table, Tensor Expected) Expected(ScalarType type, Tensor exact, int half)
    {
        var table = Rotary.FromAngles(randn(1, exact.shape[0], 1, half) * 3, type);
        var (cos, sin) = (table.Cos[0].to_type(ScalarType.Float64).narrow(-1, 0, half), table.Sin[0].to_type(ScalarType.Float64).narrow(-1, half, half));
        var (a, b) = (exact.narrow(-1, 0, half), exact.narrow(-1, half, half));
        return (table, cat([(a * cos) - (b * sin), (b * cos) + (a * sin)], -1));
    }
}
