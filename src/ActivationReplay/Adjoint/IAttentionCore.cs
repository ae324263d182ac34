using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>What lies between the projections of an attention: queries, keys and values in, attended values out, and back.</summary>
internal interface IAttentionCore
{
    /// <summary>[H·d, C·m].</summary>
    Tensor Output { get; }

    /// <summary>
    /// Gradients at the projected queries [H·d, C·m], keys and values [Hkv·d, C·T], of that at the output. Uses up what the
    /// core holds.
    /// </summary>
    (Tensor Queries, Tensor Keys, Tensor Values) Backward(Tensor gradient);
}
