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

    /// <summary>w, [D].</summary>
    internal Tensor Weight => weight;

    /// <summary>ε.</summary>
    internal double Epsilon => epsilon;

    /// <summary>Normalises the last axis of <paramref name="x"/> [..., D]; the type is kept.</summary>
    public override Tensor Forward(Tensor x)
    {
        var wide = Wide(x);
        // The norm, not the mean of squares: its gradient is one pass over x, and no squares are written.
        return Narrow(wide.mul(Inverse(Square(wide.norm(-1, keepdim: true)))), x).mul(weight);
    }

    /// <summary>
    /// The same along an axis of x, without gradients, and r = 1/√(mean(x²) + ε), fp32, of length 1 along the axis. Sums of
    /// squares: libraries take norms along the first axis several times slower.
    /// </summary>
    /// <param name="x">Of two axes.</param>
    /// <param name="axis">Which of them is D.</param>
    internal (Tensor Output, Tensor Inverse) Along(Tensor x, long axis)
    {
        using var scope = NewDisposeScope();
        var wide = Wide(x);
        var inverse = Inverse(Square(wide).sum(axis, keepdim: true));
        return (Narrow(wide.mul(inverse), x).mul_(WeightAlong(axis)).MoveToOuterDisposeScope(), inverse.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// Adds the gradient at x to <paramref name="sum"/>, fp32, of <paramref name="gradient"/> g at <see cref="Along"/>'s
    /// output: with u = w ⊙ g, r u − x r³ mean(u ⊙ x).
    /// </summary>
    internal void AddBackward(Tensor x, Tensor inverse, Tensor gradient, Tensor sum, long axis)
    {
        using var scope = NewDisposeScope();
        var scaled = Wide(gradient.mul(WeightAlong(axis)));
        var wide = Wide(x);
        var projection = scaled.mul(wide).sum(axis, keepdim: true).mul_(inverse.pow(Scalars.Of(3))).div_(Scalars.Of(width));
        sum.addcmul_(scaled, inverse, Scalars.One).addcmul_(wide, projection, Scalars.Of(-1));
    }

    // 1/√(Σx²/D + ε) of sums of squares, which it changes.
    private Tensor Inverse(Tensor squares) => squares.div_(Scalars.Of(width)).PlusInPlace(epsilon).rsqrt_();

    private static Tensor Square(Tensor x) => x.pow(Scalars.Of(2));

    private Tensor WeightAlong(long axis) => axis == 0 ? weight.unsqueeze(1) : weight;

    private static Tensor Wide(Tensor x) => x.dtype == ScalarType.Float32 ? x : x.to_type(ScalarType.Float32);

    private static Tensor Narrow(Tensor wide, Tensor like) => like.dtype == ScalarType.Float32 ? wide : wide.to_type(like.dtype);
}
