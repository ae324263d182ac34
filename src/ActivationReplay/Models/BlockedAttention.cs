using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// Causal grouped-query attention by blocks of queries, for CPUs in fp32. A block is multiplied only with the keys that it can
/// attend to, which saves up to half of the products, and a key head with all its query heads at once, so that keys and values
/// are not repeated. Its twins are <see cref="FusedAttention"/>, for other devices and types, and the replay loop's attention over
/// columns, with a backward pass written by hand.
/// </summary>
internal sealed class BlockedAttention : IDisposable
{
    /// <summary>The most queries of a block.</summary>
    public const int BlockQueries = 64;
    private readonly Lock guard = new();
    private readonly List<Tensor> cachedMasks = []; // the last is the largest; others may still be in use

    /// <summary>See <see cref="Backend.CausalAttention"/>; fp32 on the CPU.</summary>
    public Tensor Causal(Tensor q, Tensor k, Tensor v)
    {
        var (batch, length, heads, size) = (q.shape[0], q.shape[1], q.shape[2], q.shape[3]);
        var (kvHeads, keys) = (k.shape[1], k.shape[2]);
        var (group, before) = (heads / kvHeads, keys - length);
        var queries = Fold(q, kvHeads); // [B, Hkv, T, group, d]
        var (allKeys, allValues) = (k.reshape(-1, keys, size), v.reshape(-1, keys, size)); // [B·Hkv, S, d]
        var masks = CausalMask(group, keys);
        var blocks = new List<Tensor>();
        for (var start = 0L; start < length; start += BlockQueries)
        {
            var rows = Math.Min(BlockQueries, length - start);
            var seen = before + start + rows;
            var mask = masks.narrow(0, 0, rows * group).narrow(1, masks.shape[1] - BlockQueries - before - start, seen);
            blocks.Add(Attend(
                queries.narrow(2, start, rows).reshape(-1, rows * group, size),
                allKeys.narrow(1, 0, seen),
                allValues.narrow(1, 0, seen),
                mask));
        }

        return Unfold(blocks.Count == 1 ? blocks[0] : cat(blocks, 1), batch, length, heads, size);
    }

    // q [n, rows, d], k and v [n, seen, d], mask [rows, seen] → [n, rows, d]
    private static Tensor Attend(Tensor q, Tensor k, Tensor v, Tensor mask)
    {
        // TorchSharp's baddbmm takes what is added to last: mask + α q kᵀ.
        var scores = baddbmm(q, k.transpose(1, 2), mask.expand(q.shape[0], -1, -1), alpha: (float)(1 / Math.Sqrt(q.shape[2])));
        return scores.softmax(-1).bmm(v);
    }

    // Groups the queries by key head, [B, Hkv, T, g, d]: in order of position, the g heads of the group next to each other.
    private static Tensor Fold(Tensor q, long kvHeads) =>
        q.view(q.shape[0], q.shape[1], kvHeads, q.shape[2] / kvHeads, q.shape[3]).permute(0, 2, 1, 3, 4);

    private static Tensor Unfold(Tensor attended, long batch, long length, long heads, long size) =>
        attended.view(batch, -1, length, attended.shape[1] / length, size).permute(0, 2, 1, 3, 4).reshape(batch, length, heads * size);

    /// <summary>
    /// An additive mask [BlockQueries · group, ≥ keys + BlockQueries], of which the mask of every block is a window: the row of
    /// query t, repeated for each head of the group, is 0 up to column (width − BlockQueries + t) and −∞ after it. It is cached.
    /// </summary>
    private Tensor CausalMask(long group, long keys)
    {
        lock (guard)
        {
            var needed = keys + BlockQueries;
            if (cachedMasks.Count > 0 && cachedMasks[^1].shape[0] == BlockQueries * group && cachedMasks[^1].shape[1] >= needed)
            {
                return cachedMasks[^1];
            }

            using var quiet = no_grad();
            using var scope = NewDisposeScope();
            // Twice the width that is needed, so that the masks that a growing prompt outgrows are smaller together than the last.
            var width = 2 * needed;
            var stairs = full([BlockQueries, width], Scalars.Hidden).triu_(width - BlockQueries + 1);
            cachedMasks.Add(stairs.repeat_interleave(group, 0).DetachFromDisposeScope());
            return cachedMasks[^1];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => cachedMasks.ForEach(held => held.Dispose());
}
