using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// A forward pass of a decoder layer with frozen weights, and its vector-Jacobian product: a <see cref="ColumnLayerPass"/> on the CPU in
/// fp32, a <see cref="RowLayerPass"/> elsewhere. The backward pass is written by hand because the weights need no gradient: a pass stores
/// its input, the attention's tensors and the two halves of the SwiGLU, no more. Use it under no_grad.
/// </summary>
internal interface ILayerPass
{
    /// <summary>The states leaving the layer, at the positions whose output is computed; valid until the backward pass.</summary>
    Tensor Output { get; }

    /// <summary>
    /// The gradient with respect to the layer's input, fp32. Overwrites <paramref name="gradient"/> and frees what the forward pass
    /// stored, so call it once.
    /// </summary>
    /// <param name="gradient">
    /// The gradient with respect to the output. It is fp32 whatever the layer's type, because it accumulates the contributions of
    /// all later layers.
    /// </param>
    Tensor Backward(Tensor gradient);
}
