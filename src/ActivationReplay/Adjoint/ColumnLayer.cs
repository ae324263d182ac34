using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// One pass of a decoder layer with frozen weights over states held as columns, and its vector-Jacobian product. Columns,
/// because W X is the product that libraries compute fastest; by hand, because the weights need no gradient, so that a pass
/// keeps its input, the attention's and the two halves of the SwiGLU, and no more. Made and used without gradients.
/// </summary>
internal sealed class ColumnLayer
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
    /// <param name="x">The states entering it, [D, C·T], contiguous; they must stay as they are until <see cref="Backward"/>.</param>
    /// <param name="positions">Of the columns.</param>
    /// <param name="prefix">Keys and values before them, [1, Hkv, P, d]; null where there are none.</param>
    /// <param name="outputPositions">The m positions of each variant whose states leave.</param>
    public ColumnLayer(
        DecoderLayer layer, Tensor x, ColumnPositions positions, (Tensor Keys, Tensor Values)? prefix, QueryPositions outputPositions)
    {
        using var scope = NewDisposeScope();
        this.outputPositions = outputPositions;
        var arithmetic = ColumnArithmetic.Of(layer.Attention.Backend);
        variants = positions.Variants;
        width = x.shape[1];
        attentionNorm = new NormPass(layer.AttentionNorm, arithmetic, x);
        using var normalised = attentionNorm.Output;
        attention = new AttentionPass(layer.Attention, arithmetic, normalised, positions, prefix, outputPositions);
        attended = attention.Output.PlusInPlace(outputPositions.Of(x, variants));
        feedForwardNorm = new NormPass(layer.FeedForwardNorm, arithmetic, attended);
        using var again = feedForwardNorm.Output;
        feedForward = new FeedForwardPass(layer.FeedForward, arithmetic, again);
        Output = feedForward.Output.PlusInPlace(attended);
    }

    /// <summary>The states leaving the layer, [D, C·m].</summary>
    public Tensor Output { get; }

    /// <summary>The gradient [D, C·T] at x, fp32. Changes <paramref name="gradient"/>, and uses up what the pass holds.</summary>
    /// <param name="gradient">
    /// At the output, [D, C·m], fp32 whatever the type of the layer: it is the sum of what all later layers add.
    /// </param>
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
