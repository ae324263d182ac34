using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>Caches keys and values of the P positions before the first visual token, which do not depend on δ.</summary>
internal sealed class PrefixContext : AttentionContext, IDisposable
{
    private readonly Dictionary<int, Tensor> held = [];

    /// <summary>The cached keys and values of a layer, [2, 1, Hkv, P, d]; null if P is 0.</summary>
    public Tensor? Of(int layer) => held.GetValueOrDefault(layer);

    public override (Tensor Keys, Tensor Values) Extend(int layer, Tensor keys, Tensor values)
    {
        // Detached, since each pass disposes the tensors that it made.
        held.Add(layer, stack([keys, values]).DetachFromDisposeScope());
        return (keys, values);
    }

    public void Dispose()
    {
        foreach (var both in held.Values)
        {
            both.Dispose();
        }
    }
}
