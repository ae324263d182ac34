using ActivationReplay.Checkpoints;
using ActivationReplay.Native;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>Root-mean-square normalisation: y = w ⊙ x / √(mean(x²) + ε), the mean taken in fp32.</summary>
public sealed class RmsNorm : TensorModule
{
    private readonly Parameter weight;
    private readonly long width;
    private readonly double epsilon;

    internal RmsNorm(IWeights weights, string key, long width, double epsilon)
        : base(nameof(RmsNorm))
    {
        weight = weights.Parameter($"{key}.weight", width);
        this.width = width;
        this.epsilon = epsilon;
        RegisterComponents();
    }

    /// <summary>The weight w, [D].</summary>
    internal Tensor Weight => weight;

    /// <summary>ε, added to the mean of squares.</summary>
    internal double Epsilon => epsilon;

    /// <summary>The backend that computes it; <see cref="QwenVlModel.Backend"/> sets it.</summary>
    internal Backend? Backend { get; set; }

    /// <summary>Normalises the last axis of <paramref name="x"/> [..., D]. The result has the type of x; differentiable.</summary>
    public override Tensor Forward(Tensor x) => Backend?.Norm(x, weight, epsilon) ?? ByEuclideanNorm(x, weight, epsilon);

    /// <summary>See <see cref="Models.Backend.Norm"/>.</summary>
    internal static Tensor ByEuclideanNorm(Tensor x, Tensor weight, double epsilon)
    {
        var wide = Wide(x);
        // By the Euclidean norm, not by the mean of squares: its gradient is one pass over x, and squares are not stored.
        return Narrow(wide.mul(Inverse(Square(wide.norm(-1, keepdim: true)), weight.shape[0], epsilon)), x).mul(weight);
    }

    /// <summary>
    /// Normalises the rows of x [n, D], without gradients. Also returns r = 1/√(mean(x²) + ε), [n, 1] fp32.
    /// </summary>
    internal (Tensor Output, Tensor Inverse) Rows(Tensor x)
    {
        using var scope = NewDisposeScope();
        var wide = Wide(x);
        var inverse = Inverse(Square(wide).sum(1, keepdim: true), width, epsilon);
        return (Narrow(wide.mul(inverse), x).mul_(weight).MoveToOuterDisposeScope(), inverse.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// Adds the gradient with respect to x to <paramref name="sum"/> [n, D] fp32, given the <paramref name="gradient"/> g with
    /// respect to the output of <see cref="Rows"/> and its r: r u − x r³ mean(u ⊙ x) with u = w ⊙ g.
    /// </summary>
    internal void AddRowsBackward(Tensor x, Tensor inverse, Tensor gradient, Tensor sum)
    {
        using var scope = NewDisposeScope();
        var scaled = Wide(gradient.mul(weight));
        var wide = Wide(x);
        var projection = scaled.mul(wide).sum(1, keepdim: true).mul_(inverse.pow(Scalars.Of(3))).div_(Scalars.Of(width));
        sum.addcmul_(scaled, inverse, Scalars.One).addcmul_(wide, projection, Scalars.Of(-1));
    }

    // 1/√(Σx²/D + ε), in place, given the sums of squares.
    private static Tensor Inverse(Tensor squares, long width, double epsilon) =>
        squares.div_(Scalars.Of(width)).PlusInPlace(epsilon).rsqrt_();

    private static Tensor Square(Tensor x) => x.pow(Scalars.Of(2));

    private static Tensor Wide(Tensor x) => x.dtype == ScalarType.Float32 ? x : x.to_type(ScalarType.Float32);

    private static Tensor Narrow(Tensor wide, Tensor like) => like.dtype == ScalarType.Float32 ? wide : wide.to_type(like.dtype);
}
