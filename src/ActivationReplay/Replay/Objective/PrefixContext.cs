using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>Keys and values of the positions before the first visual token: they do not depend on δ and are computed once.</summary>
internal sealed class PrefixContext : AttentionContext, IDisposable
{
    private readonly Dictionary<int, (Tensor Keys, Tensor Values)> held = [];

    /// <summary>What a layer holds, [1, Hkv, P, d]; null where there are no such positions.</summary>
    public (Tensor Keys, Tensor Values)? Of(int layer) => held.TryGetValue(layer, out var prefix) ? prefix : null;

    public override (Tensor Keys, Tensor Values) Extend(int layer, Tensor keys, Tensor values)
    {
        // Held across passes, each of which disposes what it made.
        held.Add(layer, (keys.contiguous().alias().DetachFromDisposeScope(), values.contiguous().alias().DetachFromDisposeScope()));
        return (keys, values);
    }

    public void Dispose()
    {
        foreach (var (keys, values) in held.Values)
        {
            keys.Dispose();
            values.Dispose();
        }
    }
}
