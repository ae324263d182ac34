using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>What the positions of one pass may attend to besides themselves.</summary>
internal abstract class AttentionContext
{
    /// <summary>
    /// Additive or boolean mask broadcastable to [B, H, T, S]; null where each position attends to itself and to all keys
    /// before its own.
    /// </summary>
    public virtual Tensor? Mask => null;

    /// <summary>Takes this pass's keys and values [B, Hkv, T, d] of a layer; gives all [B, Hkv, S, d] to attend to.</summary>
    public abstract (Tensor Keys, Tensor Values) Extend(int layer, Tensor keys, Tensor values);
}

/// <summary>A causal pass over a whole prompt that keeps nothing.</summary>
internal sealed class CausalContext : AttentionContext
{
    public static CausalContext Instance { get; } = new();

    public override (Tensor Keys, Tensor Values) Extend(int layer, Tensor keys, Tensor values) => (keys, values);
}
