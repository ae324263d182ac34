using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>Caches keys and values of the P positions before the first visual token, which do not depend on δ.</summary>
internal sealed class PrefixContext : AttentionContext, IDisposable
{
    private readonly Dictionary<int, (Tensor Keys, Tensor Values)> held = [];

    /// <summary>The cached keys and values of a layer, [1, Hkv, P, d]; null if P is 0.</summary>
    public (Tensor Keys, Tensor Values)? Of(int layer) => held.TryGetValue(layer, out var prefix) ? prefix : null;

    public override (Tensor Keys, Tensor Values) Extend(int layer, Tensor keys, Tensor values)
    {
        // Detached, since each pass disposes the tensors that it made.
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
