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

    /// <summary>Maps <paramref name="x"/> [..., in] to [..., out].</summary>
    public override Tensor Forward(Tensor x) => nn.functional.linear(x, weight, bias);
}
