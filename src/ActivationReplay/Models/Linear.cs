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

    /// <summary>The backend that computes the product; <see cref="QwenVlModel"/> sets it.</summary>
    internal Backend Backend { get; set; } = Backend.Libtorch;

    /// <summary>The bias b, [out]; null if the map has none.</summary>
    internal Tensor? Bias => bias;

    /// <summary>Maps <paramref name="x"/> [..., in] to [..., out].</summary>
    public override Tensor Forward(Tensor x) => Backend.Product(x, weight, bias);

    /// <summary>The product for an x of few rows, computed by C# kernels into <paramref name="y"/> [rows, out].</summary>
    /// <param name="y">Receives the result.</param>
    /// <param name="adds">Whether the result is added to y.</param>
    internal ThinProduct Thin(Tensor y, bool adds = false) => new(weight, bias, y, adds);

    /// <summary>The gradient with respect to the input, G W, [n, in], given that of the output as rows, [n, out].</summary>
    internal Tensor RowsBackward(Tensor gradient) => gradient.mm(weight);

    /// <summary>Adds <see cref="RowsBackward"/> to <paramref name="sum"/> [n, in].</summary>
    internal Tensor AddRowsBackward(Tensor gradient, Tensor sum) => sum.addmm_(gradient, weight, 1, 1);

    /// <summary>Takes weight and bias from elsewhere, which has the same numbers.</summary>
    internal void Share(Tensor newWeight, Tensor? newBias)
    {
        using var quiet = no_grad();
        weight.set_(newWeight);
        if (newBias is not null)
        {
            bias!.set_(newBias);
        }
    }
}
