using ActivationReplay.Checkpoints;
using ActivationReplay.Models;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Conformance;

/// <summary>What implementations are held to: the same weights and states in fp64, computed by the plain formulas.</summary>
internal static class Exact
{
    public const int Width = 32;
    public const int Vocabulary = 1000; // more than 8 · K of 50, below which all positions share rows of the head

    /// <summary>
    /// How far a result may be from fp64, as a fraction of the largest of its kind. fp32: sums of up to some hundred products in
    /// another order, 2⁻²⁴ each; in fp64 models the norms are computed in fp32. bf16: states are rounded to 2⁻⁸ of themselves
    /// some ten times on the way, here and there all in one direction.
    /// </summary>
    public static double Tolerance(ScalarType type) => type == ScalarType.BFloat16 ? 0.04 : 3e-5;

    /// <summary>
    /// How much further from fp64 a result in bf16 may be than that of the plain module and autograd in bf16, as a ratio of the
    /// Frobenius norms of the errors. Both round as often, but in different places: measured are ratios of 0.8 to 1.2.
    /// </summary>
    public const double ToPlain = 1.5;

    /// <summary>Random numbers that the type holds, in that type and in fp64.</summary>
    public static (Tensor Computed, Tensor Exact) Random(ScalarType type, params long[] shape)
    {
        var rounded = randn(shape).to_type(type);
        return (rounded, rounded.to_type(ScalarType.Float64).requires_grad_());
    }

    /// <summary>A model in a type, and the same weights as that type holds them in fp64.</summary>
    /// <param name="seed">Of the weights.</param>
    /// <param name="type">Of the computed model.</param>
    /// <param name="isGpu">Whether it has a GPU's backend, which computes the same on the CPU.</param>
    public static (QwenVlModel Computed, QwenVlModel Exact) Pair(int seed, ScalarType type, bool isGpu = false)
    {
        var config = Tiny.Config();
        config = config with { Text = config.Text with { VocabularySize = Vocabulary } };
        return (new(config, new Tiny.Weights(seed, type: type), isGpu ? Backend.Gpu : null), new(config, new Widened(new Tiny.Weights(seed, type: type))));
    }

    public static void ShouldAgree(Tensor computed, Tensor exact, ScalarType type, string what = "") =>
        ShouldAgree(computed, exact, Tolerance(type), what);

    public static void ShouldAgree(Tensor computed, Tensor exact, double tolerance, string what)
    {
        using var scope = NewDisposeScope();
        computed.shape.Should().Equal(exact.shape, what);
        var wide = exact.detach().to_type(ScalarType.Float64);
        var largest = Math.Max(1e-3, wide.abs().max().item<double>());
        (computed.to_type(ScalarType.Float64) - wide).abs().max().item<double>()
            .Should().BeLessThan(tolerance * largest, "{0} as large as {1}", what, largest);
    }

    /// <summary>
    /// Holds what is computed from logits to <see cref="Tolerance"/>, and in bf16 to <see cref="ToPlain"/> times the error of
    /// <paramref name="plain"/>. A fixed limit would have to be as large as the largest error of all cases: bf16 rounds logits of 8
    /// to 16 by up to 1/32, which the exponential makes a relative error of the probability. Plain bf16 errs by 0.0005 to 0.05.
    /// </summary>
    public static void ShouldAgreeAsPlain(Tensor computed, Tensor plain, Tensor exact, ScalarType type, string what)
    {
        if (type != ScalarType.BFloat16)
        {
            ShouldAgree(computed, exact, type, what);
            return;
        }

        computed.shape.Should().Equal(exact.shape, what);
        var plainError = Distance(plain, exact);
        Distance(computed, exact).Should().BeLessThanOrEqualTo(ToPlain * plainError, "{0}: plain bf16 errs by {1}", what, plainError);
    }

    // ‖a − b‖ in fp64.
    private static double Distance(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return (a.detach().to_type(ScalarType.Float64) - b.detach().to_type(ScalarType.Float64)).norm().item<double>();
    }

    /// <summary>[n, D] → [D, n], contiguous.</summary>
    public static Tensor Columns(Tensor rows) => rows.detach().t().contiguous();

    private sealed class Widened(IWeights weights) : IWeights
    {
        public Tensor Get(string key, params ReadOnlySpan<long> shape)
        {
            using var narrow = weights.Get(key, shape);
            return narrow.to_type(ScalarType.Float64);
        }
    }
}
