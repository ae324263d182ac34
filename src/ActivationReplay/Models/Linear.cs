using ActivationReplay.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>Affine map y = x Wᵀ + b.</summary>
public sealed class Linear : TensorModule
{
    private readonly Parameter weight;
    private readonly Parameter? bias;

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
    public override Tensor Forward(Tensor x) => ProductType is { } type
        ? nn.functional.linear(x.to_type(type), weight.to_type(type), bias?.to_type(type)).to_type(x.dtype)
        : nn.functional.linear(x, weight, bias);
}
