using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>The part of attention between its projections, softmax(q kᵀ / √d) v, with its backward pass.</summary>
internal interface IAttentionCore
{
    /// <summary>The attention's output before the last projection, [H·d, C·m].</summary>
    Tensor Output { get; }

    /// <summary>
    /// The gradients with respect to the projected queries [H·d, C·m], keys and values [Hkv·d, C·T]. Frees the tensors of the
    /// forward pass, so call it once.
    /// </summary>
    /// <param name="gradient">The gradient with respect to <see cref="Output"/>, [H·d, C·m].</param>
    (Tensor Queries, Tensor Keys, Tensor Values) Backward(Tensor gradient);
}
