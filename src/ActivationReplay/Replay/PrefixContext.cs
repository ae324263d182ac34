using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay;

/// <summary>Keys and values of the positions before the first visual token: they do not depend on δ and are computed once.</summary>
internal sealed class PrefixContext : AttentionContext, IDisposable
{
    private readonly Dictionary<int, (Tensor Keys, Tensor Values)> held = [];
    private bool sealedForQueries;

    /// <summary>From here on passes see what was extended before, and add nothing to it.</summary>
    public void Seal() => sealedForQueries = true;

    public override (Tensor Keys, Tensor Values) Extend(int layer, Tensor keys, Tensor values)
    {
        if (!sealedForQueries)
        {
            // Held across passes, each of which disposes what it made.
            held.Add(layer, (keys.contiguous().alias().DetachFromDisposeScope(), values.contiguous().alias().DetachFromDisposeScope()));
            return (keys, values);
        }

        return held.TryGetValue(layer, out var prefix)
            ? (Join(prefix.Keys, keys), Join(prefix.Values, values))
            : (keys, values);

        // One prefix serves every variant of the batch.
        static Tensor Join(Tensor prefix, Tensor own) => cat([prefix.expand(own.shape[0], -1, -1, -1), own], 2);
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
