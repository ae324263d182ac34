using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// A layer over states held as rows, [n, D], by libtorch's operations: for GPUs, and for types other than fp32. Rows, because
/// libtorch's fused norm, attention and product with a bias take them as they are. A test counts what a GPU has to launch.
/// </summary>
internal sealed class RowLayerPass : ILayerPass
{
    private readonly long[] shape;
    private readonly Tensor? index; // which of the n have an output; null is all
    private readonly RowNormPass attentionNorm;
    private readonly RowAttentionPass attention;
    private readonly Tensor attended;
    private readonly RowNormPass feedForwardNorm;
    private readonly RowFeedForwardPass feedForward;

    /// <param name="layer">The layer.</param>
    /// <param name="x">The states entering it, [n, D]; they must not change before <see cref="Backward"/>.</param>
    /// <param name="positions">The n positions, and those whose output is computed.</param>
    /// <param name="prefixes">Keys and values before each group, [2, 1 or C, Hkv, P, d]; null where P is 0.</param>
    public RowLayerPass(DecoderLayer layer, Tensor x, RowPositions positions, IReadOnlyList<Tensor?> prefixes)
    {
        using var scope = NewDisposeScope();
        var backend = layer.Attention.Backend;
        (shape, index) = (x.shape, positions.Batch.Index);
        attentionNorm = new RowNormPass(layer.AttentionNorm, backend, x);
        using var normalised = attentionNorm.Output;
        attention = new RowAttentionPass(layer.Attention, normalised, positions, prefixes);
        attended = attention.Output.PlusInPlace(index is null ? x : x.index_select(0, index));
        feedForwardNorm = new RowNormPass(layer.FeedForwardNorm, backend, attended);
        using var again = feedForwardNorm.Output;
        feedForward = new RowFeedForwardPass(layer.FeedForward, again);
        Output = feedForward.Output.PlusInPlace(attended);
    }

    /// <inheritdoc/>
    public Tensor Output { get; }

    /// <inheritdoc/>
    public Tensor Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        Output.Dispose();
        feedForwardNorm.AddBackward(feedForward.Backward(gradient.to_type(attended.dtype)), gradient);
        var atNormalised = attention.Backward(gradient.to_type(attended.dtype));
        attended.Dispose();
        if (index is null)
        {
            attentionNorm.AddBackward(atNormalised, gradient);
            return gradient;
        }

        var result = zeros(shape, gradient.dtype, gradient.device).index_add_(0, index, gradient, Scalars.One);
        attentionNorm.AddBackward(atNormalised, result);
        return result.MoveToOuterDisposeScope();
    }
}
