using ActivationReplay.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>Root-mean-square normalisation: y = w ⊙ x / √(mean(x²) + ε), the mean taken in fp32.</summary>
public sealed class RmsNorm : TensorModule
{
    private readonly Parameter weight;
    private readonly double epsilon;

    internal RmsNorm(IWeights weights, string key, long width, double epsilon)
        : base(nameof(RmsNorm))
    {
        weight = weights.Parameter($"{key}.weight", width);
        this.epsilon = epsilon;
        RegisterComponents();
    }

    /// <summary>Normalises the last axis of <paramref name="x"/> [..., D]; the type is kept.</summary>
    public override Tensor Forward(Tensor x)
    {
        var wide = x.to_type(ScalarType.Float32);
        // The norm, not the mean of squares: its gradient is one pass over x, and no squares are written.
        var norm = linalg.vector_norm(wide, 2, [-1], true);
        var inverse = norm.square().div_(weight.shape[0]).add_(epsilon).rsqrt_();
        return wide.mul(inverse).to_type(x.dtype).mul(weight);
    }
}
