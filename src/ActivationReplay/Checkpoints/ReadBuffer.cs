using static TorchSharp.torch;

namespace ActivationReplay.Checkpoints;

/// <summary>
/// The memory through which weights go piece by piece to where they stay, in their type: all that a load needs beside its result.
/// The files of a checkpoint share one, since the C library does not reuse the memory of freed aligned allocations, so that a
/// buffer each would add up.
/// </summary>
internal sealed class ReadBuffer : IDisposable
{
    /// <summary>The elements of a piece: at most 16 MB of fp32.</summary>
    public const int Elements = 1 << 22;

    private readonly Lock guard = new();
    private readonly Dictionary<ScalarType, Tensor> held = [];

    /// <summary>Fills <paramref name="target"/> with pieces; one call at a time.</summary>
    /// <param name="stored">The type of the pieces.</param>
    /// <param name="target">One row of any type, on any device.</param>
    /// <param name="fill">Takes a piece to fill and the index of its first element.</param>
    public void Copy(ScalarType stored, Tensor target, Action<Tensor, long> fill)
    {
        lock (guard)
        {
            if (!held.TryGetValue(stored, out var buffer))
            {
                held[stored] = buffer = empty(Elements, stored).DetachFromDisposeScope();
            }

            var count = target.shape[0];
            for (long done = 0; done < count; done += Elements)
            {
                using var piece = buffer.narrow(0, 0, Math.Min(Elements, count - done));
                using var part = target.narrow(0, done, piece.shape[0]);
                fill(piece, done);
                part.copy_(piece);
            }
        }
    }

    /// <summary>Frees the memory; it is taken again when it is needed.</summary>
    public void Dispose()
    {
        lock (guard)
        {
            foreach (var buffer in held.Values)
            {
                buffer.Dispose();
            }

            held.Clear();
        }
    }
}
