using ActivationReplay.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>Affine map y = x Wᵀ + b.</summary>
public sealed class Linear : TensorModule
{
    private const long ThinRows = 64;
    private const long LeastPart = 16;
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly long inFeatures;
    private readonly long outFeatures;
    private readonly Tensor? byPart; // W by parts of its rows, [parts, in, out/parts]; null where products are not split
    private (Tensor Weight, Tensor? Bias)? held;

    internal Linear(IWeights weights, string key, long inFeatures, long outFeatures, bool hasBias)
        : base(nameof(Linear))
    {
        (this.inFeatures, this.outFeatures) = (inFeatures, outFeatures);
        weight = weights.Parameter($"{key}.weight", outFeatures, inFeatures);
        if (weight.device_type == TorchSharp.DeviceType.CPU && weight.dtype == ScalarType.Float32 && PartsOf(outFeatures) is > 1 and var parts)
        {
            using var scope = NewDisposeScope();
            byPart = weight.detach().view(parts, -1, inFeatures).transpose(1, 2).DetachFromDisposeScope();
        }

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
            return byPart is not null && IsThin(x) ? Thin(x, byPart) : nn.functional.linear(x, weight, bias);
        }

        var (w, b) = held ?? (weight.to_type(type), bias?.to_type(type));
        return nn.functional.linear(x.to_type(type), w, b).to_type(x.dtype);
    }

    // Few rows read W once and compute little. One product of a vector and a matrix runs on one core, a batch of products,
    // each with a part of W's rows, on all.
    private bool IsThin(Tensor x) =>
        x.numel() is var elements && elements <= ThinRows * inFeatures && (elements > inFeatures || get_num_threads() > 1)
        && !(weight.requires_grad && is_grad_enabled());

    private Tensor Thin(Tensor x, Tensor byPart)
    {
        var rows = x.numel() / inFeatures;
        var products = x.reshape(1, rows, inFeatures).expand(byPart.shape[0], -1, -1).bmm(byPart); // [parts, rows, out/parts]
        var result = (rows == 1 ? products : products.transpose(0, 1)).reshape([.. x.shape[..^1], outFeatures]);
        return bias is null ? result : result.add_(bias);
    }

    // Enough for every core, and none too small.
    private static long PartsOf(long outFeatures) =>
        new[] { 16, 8, 4, 2 }.FirstOrDefault(parts => outFeatures % parts == 0 && outFeatures / parts >= LeastPart, 1);

    /// <summary>W X + b of columns [in, n], [out, n].</summary>
    internal Tensor Columns(Tensor x) => bias is null ? weight.mm(x) : weight.mm(x).add_(bias.unsqueeze(1));

    /// <summary>Wᵀ G of columns [out, n]: the gradient at the input, [in, n].</summary>
    internal Tensor ColumnsBackward(Tensor gradient) => weight.t().mm(gradient);

    /// <summary>Adds <see cref="ColumnsBackward"/> to <paramref name="sum"/> [in, n].</summary>
    internal Tensor AddColumnsBackward(Tensor gradient, Tensor sum) => sum.addmm_(weight.t(), gradient, 1, 1);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            byPart?.Dispose();
        }

        base.Dispose(disposing);
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
