using ActivationReplay.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>Affine map y = x Wᵀ + b.</summary>
public sealed class Linear : TensorModule
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private (Tensor Weight, Tensor? Bias)? held;

    internal Linear(IWeights weights, string key, long inFeatures, long outFeatures, bool hasBias)
        : base(nameof(Linear))
    {
        weight = weights.Parameter($"{key}.weight", outFeatures, inFeatures);
        if (hasBias)
        {
            bias = weights.Parameter($"{key}.bias", outFeatures);
        }

        RegisterComponents();
    }

    /// <summary>The matrix W, [out, in].</summary>
    public Tensor Weight => weight;

    /// <summary>
    /// Type in which products are computed and summed to fp32 precision, their results in the type of the input; null
    /// computes in the type of the weights. Training computes fp32 weights in bf16, which is 4 times faster on CPUs that have it.
    /// </summary>
    internal ScalarType? ProductType { get; set; }

    /// <summary>Maps <paramref name="x"/> [..., in] to [..., out].</summary>
    public override Tensor Forward(Tensor x)
    {
        if (ProductType is not { } type)
        {
            return nn.functional.linear(x, weight, bias);
        }

        var (w, b) = held ?? (weight.to_type(type), bias?.to_type(type));
        return nn.functional.linear(x.to_type(type), w, b).to_type(x.dtype);
    }

    /// <summary>Converts the weights to <see cref="ProductType"/> once for all calls until <see cref="ReleaseConverted"/>.</summary>
    internal void HoldConverted()
    {
        if (ProductType is { } type)
        {
            held = (weight.to_type(type).DetachFromDisposeScope(), bias?.to_type(type).DetachFromDisposeScope());
        }
    }

    /// <summary>Forgets the converted weights; gradients still flow through what was computed with them.</summary>
    internal void ReleaseConverted()
    {
        held?.Weight.Dispose();
        held?.Bias?.Dispose();
        held = null;
    }
}
