using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// A forward pass of a decoder layer with frozen weights, and its vector-Jacobian product. The backward pass is written by hand
/// because the weights need no gradient: a pass stores its input, the attention's tensors and the two halves of the SwiGLU, no more.
/// Construct and use it under no_grad.
/// </summary>
internal sealed class LayerPass
{
    private readonly ILayerParts parts;
    private readonly long[] shape;
    private readonly INormPass attentionNorm;
    private readonly IModulePass attention;
    private readonly Tensor attended;
    private readonly INormPass feedForwardNorm;
    private readonly IModulePass feedForward;

    /// <param name="layer">The layer.</param>
    /// <param name="x">The states entering it, as the parts hold them; they must not change before <see cref="Backward"/>.</param>
    /// <param name="parts">How states are held, and what computes on them.</param>
    public LayerPass(DecoderLayer layer, Tensor x, ILayerParts parts)
    {
        using var scope = NewDisposeScope();
        (this.parts, shape) = (parts, x.shape);
        attentionNorm = parts.Norm(layer.AttentionNorm, x);
        using var normalised = attentionNorm.Output;
        attention = parts.Attend(layer.Attention, normalised);
        attended = attention.Output.PlusInPlace(parts.Of(x));
        feedForwardNorm = parts.Norm(layer.FeedForwardNorm, attended);
        using var again = feedForwardNorm.Output;
        feedForward = parts.Gate(layer.FeedForward, again);
        Output = feedForward.Output.PlusInPlace(attended);
    }

    /// <summary>The states leaving the layer, at the positions whose output is computed.</summary>
    public Tensor Output { get; }

    /// <summary>
    /// The gradient with respect to the layer's input, fp32. Overwrites <paramref name="gradient"/> and frees the tensors of the
    /// forward pass, so call it once.
    /// </summary>
    /// <param name="gradient">
    /// The gradient with respect to the output. It is fp32 whatever the layer's type, because it accumulates the contributions of
    /// all later layers.
    /// </param>
    public Tensor Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        Output.Dispose();
        feedForwardNorm.AddBackward(feedForward.Backward(gradient.to_type(attended.dtype)), gradient);
        var atNormalised = attention.Backward(gradient.to_type(attended.dtype));
        attended.Dispose();
        if (!parts.IsSome)
        {
            attentionNorm.AddBackward(atNormalised, gradient);
            return gradient;
        }

        var result = zeros(shape, gradient.dtype, gradient.device);
        parts.Add(gradient, result);
        attentionNorm.AddBackward(atNormalised, result);
        return result.MoveToOuterDisposeScope();
    }
}

/// <summary>
/// How the states of a batch are held, and what computes on them: <see cref="ColumnParts"/> on the CPU in fp32,
/// <see cref="RowParts"/> elsewhere.
/// </summary>
internal interface ILayerParts
{
    /// <summary>Whether only some of the positions have an output.</summary>
    bool IsSome { get; }

    /// <summary>Normalises each state.</summary>
    INormPass Norm(RmsNorm norm, Tensor x);

    /// <summary>Attends from the positions that have an output.</summary>
    IModulePass Attend(Attention module, Tensor x);

    /// <summary>The SwiGLU of each state.</summary>
    IModulePass Gate(FeedForward module, Tensor x);

    /// <summary>The states at the positions that have an output.</summary>
    Tensor Of(Tensor states);

    /// <summary>Adds what belongs to the positions that have an output to a sum over all.</summary>
    void Add(Tensor some, Tensor sum);
}

/// <summary>A forward pass of an RMSNorm with frozen weights, and its vector-Jacobian product.</summary>
internal interface INormPass
{
    /// <summary>The normalised states, in the type of the input.</summary>
    Tensor Output { get; }

    /// <summary>
    /// Adds the gradient with respect to the input to <paramref name="sum"/> fp32, given that with respect to the output, which may
    /// be overwritten. Frees the tensors of the forward pass, so call it once.
    /// </summary>
    void AddBackward(Tensor gradient, Tensor sum);
}

/// <summary>A forward pass of a module with frozen weights, and its vector-Jacobian product.</summary>
internal interface IModulePass
{
    /// <summary>The module's output.</summary>
    Tensor Output { get; }

    /// <summary>
    /// The gradient with respect to the input, given that with respect to the output. Frees the tensors of the forward pass, so
    /// call it once.
    /// </summary>
    Tensor Backward(Tensor gradient);
}
