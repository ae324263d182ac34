using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// A decoder layer over states held as rows, by libtorch's operations: for GPUs, and for types other than fp32. Rows, because
/// libtorch's fused norm, attention and product with a bias take them as they are. Its twin <see cref="ColumnLayer"/> is for CPUs
/// in fp32. A test counts what a GPU has to launch.
/// </summary>
internal sealed class RowLayer : ILayerPass
{
    private readonly RowPositions positions;
    private readonly long variants;
    private readonly long count;
    private readonly RowNormPass attentionNorm;
    private readonly RowAttentionPass attention;
    private readonly Tensor attended;
    private readonly RowNormPass feedForwardNorm;
    private readonly RowFeedForwardPass feedForward;

    /// <param name="layer">The layer.</param>
    /// <param name="x">The states entering it, [C·T, D]; they must not change before <see cref="Backward"/>.</param>
    /// <param name="variants">C.</param>
    /// <param name="positions">The T positions of each variant, and the m whose output is computed.</param>
    /// <param name="prefix">Keys and values of the P positions before, [2, 1, Hkv, P, d]; null where P is 0.</param>
    public RowLayer(DecoderLayer layer, Tensor x, long variants, RowPositions positions, Tensor? prefix)
    {
        using var scope = NewDisposeScope();
        (this.positions, this.variants, count) = (positions, variants, x.shape[0]);
        var backend = layer.Attention.Backend;
        attentionNorm = new RowNormPass(layer.AttentionNorm, backend, x);
        using var normalised = attentionNorm.Output;
        attention = new RowAttentionPass(layer.Attention, normalised, variants, positions, prefix);
        attended = attention.Output.PlusInPlace(positions.Of(x, variants));
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
        if (positions.Index is null)
        {
            attentionNorm.AddBackward(atNormalised, gradient);
            return gradient;
        }

        var result = zeros([count, gradient.shape[1]], gradient.dtype, gradient.device);
        positions.Add(gradient, result, variants);
        attentionNorm.AddBackward(atNormalised, result);
        return result.MoveToOuterDisposeScope();
    }
}
