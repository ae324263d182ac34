using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// A decoder layer over states held as columns, on the CPU in fp32. States are columns because W X is the product that libraries
/// compute fastest there. A pass stores its input, the attention's tensors and the two halves of the SwiGLU, no more. Its twin
/// <see cref="RowLayer"/> is for GPUs and other types.
/// </summary>
internal sealed class ColumnLayer : ILayerPass
{
    private readonly QueryPositions outputPositions;
    private readonly long variants;
    private readonly long width;
    private readonly NormPass attentionNorm;
    private readonly AttentionPass attention;
    private readonly Tensor attended;
    private readonly NormPass feedForwardNorm;
    private readonly FeedForwardPass feedForward;

    /// <param name="layer">The layer.</param>
    /// <param name="x">
    /// The states entering the layer, [D, C·T], contiguous; they must not change before <see cref="Backward"/>.
    /// </param>
    /// <param name="positions">The positions of the columns: T of each of C variants.</param>
    /// <param name="prefix">Keys and values of the P positions before the columns, [1, Hkv, P, d]; null where P is 0.</param>
    /// <param name="outputPositions">The m positions of each variant whose output is computed.</param>
    public ColumnLayer(
        DecoderLayer layer, Tensor x, ColumnPositions positions, (Tensor Keys, Tensor Values)? prefix, QueryPositions outputPositions)
    {
        using var scope = NewDisposeScope();
        this.outputPositions = outputPositions;
        variants = positions.Variants;
        width = x.shape[1];
        attentionNorm = new NormPass(layer.AttentionNorm, x);
        using var normalised = attentionNorm.Output;
        attention = new AttentionPass(layer.Attention, normalised, positions, prefix, outputPositions);
        attended = attention.Output.PlusInPlace(outputPositions.Of(x, variants));
        feedForwardNorm = new NormPass(layer.FeedForwardNorm, attended);
        using var again = feedForwardNorm.Output;
        feedForward = new FeedForwardPass(layer.FeedForward, again);
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
        if (outputPositions.Index is null)
        {
            attentionNorm.AddBackward(atNormalised, gradient);
            return gradient;
        }

        var result = zeros([gradient.shape[0], width], gradient.dtype, gradient.device);
        outputPositions.Add(gradient, result, variants);
        attentionNorm.AddBackward(atNormalised, result);
        return result.MoveToOuterDisposeScope();
    }
}
