using ActivationReplay.Checkpoints;
using ActivationReplay.Kernels;
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
        var isWide = x.dtype == ScalarType.Float32;
        var wide = isWide ? x : x.to_type(ScalarType.Float32);
        // The norm, not the mean of squares: its gradient is one pass over x, and no squares are written.
        var inverse = Inverse(linalg.vector_norm(wide, 2, [-1], true).square());
        var scaled = wide.mul(inverse);
        return (isWide ? scaled : scaled.to_type(x.dtype)).mul(weight);
    }

    /// <summary>1/√(Σx²/D + ε) of a sum of squares.</summary>
    internal float Inverse(float squares) => ColumnNorm.InverseOf(squares, (int)width, epsilon);

    /// <summary>The same of several, fp32. Changes them.</summary>
    internal Tensor Inverse(Tensor squares) => squares.div_(width).add_(epsilon).rsqrt_();
}
