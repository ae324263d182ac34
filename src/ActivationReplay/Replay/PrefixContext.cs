using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay;

/// <summary>Keys and values of the positions before the first visual token: they do not depend on δ and are computed once.</summary>
internal sealed class PrefixContext : AttentionContext, IDisposable
{
    private readonly Dictionary<int, (Tensor Keys, Tensor Values)> held = [];
    private readonly Tensor? mask;
    private bool sealedForQueries;

    /// <param name="prefix">Positions before the first visual token.</param>
    /// <param name="queries">Positions of each pass of the loop.</param>
    /// <param name="type">Type of the activations.</param>
    /// <param name="device">Where they are.</param>
    public PrefixContext(int prefix, int queries, ScalarType type, Device device)
    {
        if (prefix > 0)
        {
            // Each query sees the prefix and the queries up to itself.
            using var scope = NewDisposeScope();
            mask = full([queries, prefix + queries], float.NegativeInfinity, type, device)
                .triu(prefix + 1).DetachFromDisposeScope();
        }
    }

    public override Tensor? Mask => sealedForQueries ? mask : null;

    /// <summary>From here on passes see what was extended before, and add nothing to it.</summary>
    public void Seal() => sealedForQueries = true;

    public override (Tensor Keys, Tensor Values) Extend(int layer, Tensor keys, Tensor values)
    {
        if (!sealedForQueries)
        {
            // Held across passes, each of which disposes what it made.
            held.Add(layer, (keys.alias().DetachFromDisposeScope(), values.alias().DetachFromDisposeScope()));
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
        mask?.Dispose();
        foreach (var (keys, values) in held.Values)
        {
            keys.Dispose();
            values.Dispose();
        }
    }
}
