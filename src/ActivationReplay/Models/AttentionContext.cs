using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>The keys and values that the positions of a forward pass may attend to besides their own.</summary>
internal abstract class AttentionContext
{
    /// <summary>
    /// An additive or boolean mask, broadcastable to [B, H, T, S]; null for causal attention, in which each position attends to
    /// itself and to all keys before it.
    /// </summary>
    public virtual Tensor? Mask => null;

    /// <summary>
    /// Takes this pass's keys and values of a layer, [B, Hkv, T, d]; returns all that may be attended to, [B, Hkv, S, d].
    /// </summary>
    public abstract (Tensor Keys, Tensor Values) Extend(int layer, Tensor keys, Tensor values);
}

/// <summary>The context of a causal pass over a whole prompt, which caches nothing.</summary>
internal sealed class CausalContext : AttentionContext
{
    public static CausalContext Instance { get; } = new();

    public override (Tensor Keys, Tensor Values) Extend(int layer, Tensor keys, Tensor values) => (keys, values);
}
