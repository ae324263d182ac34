using ActivationReplay.Checkpoints;
using ActivationReplay.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>Affine map y = x Wᵀ + b.</summary>
public sealed class Linear : TensorModule
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly long inFeatures;
    private (Tensor Weight, Tensor? Bias)? held;

    internal Linear(IWeights weights, string key, long inFeatures, long outFeatures, bool hasBias)
        : base(nameof(Linear))
    {
        this.inFeatures = inFeatures;
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
        if (IsThin(x))
        {
            return ThinProduct.Of(x, weight, bias);
        }

        if (ProductType is not { } type)
        {
            return nn.functional.linear(x, weight, bias);
        }

        var (w, b) = held ?? (weight.to_type(type), bias?.to_type(type));
        return nn.functional.linear(x.to_type(type), w, b).to_type(x.dtype);
    }

    /// <summary>Whether the product with <paramref name="x"/> [..., in] is a <see cref="ThinProduct"/>.</summary>
    internal bool IsThin(Tensor x) =>
        ProductType is null && x.numel() <= ThinProduct.MostRows * inFeatures && HostMemory.Suits(x) && HostMemory.Suits(weight);

    /// <summary>The product with few rows, its result in y [rows, out].</summary>
    internal ThinProduct Thin(Tensor y, bool adds = false) => new(weight, bias, y, adds);

    /// <summary>W X + b of columns [in, n], [out, n].</summary>
    internal Tensor Columns(Tensor x) => bias is null ? weight.mm(x) : weight.mm(x).add_(bias.unsqueeze(1));

    /// <summary>Wᵀ G of columns [out, n]: the gradient at the input, [in, n].</summary>
    internal Tensor ColumnsBackward(Tensor gradient) => weight.t().mm(gradient);

    /// <summary>Adds <see cref="ColumnsBackward"/> to <paramref name="sum"/> [in, n].</summary>
    internal Tensor AddColumnsBackward(Tensor gradient, Tensor sum) => sum.addmm_(weight.t(), gradient, 1, 1);

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
