using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// Causal grouped-query attention by blocks of queries, for CPUs: each block is multiplied with the keys that it can see
/// alone, which saves up to half of the products, and a key head with all its query heads at once, so that keys and values
/// are never repeated. Its twins: <see cref="FusedAttention"/> for other devices and types, and the loop's own core over
/// columns, which is pulled back by hand.
/// </summary>
internal sealed class BlockedAttention : IDisposable
{
    /// <summary>Queries of a block.</summary>
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

    // The rows of a key head: its queries in order of position, the heads of the group next to each other.
    private static Tensor Fold(Tensor q, long kvHeads) =>
        q.view(q.shape[0], q.shape[1], kvHeads, q.shape[2] / kvHeads, q.shape[3]).permute(0, 2, 1, 3, 4);

    private static Tensor Unfold(Tensor attended, long batch, long length, long heads, long size) =>
        attended.view(batch, -1, length, attended.shape[1] / length, size).permute(0, 2, 1, 3, 4).reshape(batch, length, heads * size);

    /// <summary>
    /// [BlockQueries · group, ≥ keys + BlockQueries]: row t of a block, once a head of the group, is 0 up to column
    /// (width − BlockQueries + t) and −∞ behind it. The mask of any block is a window of it.
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
            // Twice what is asked for: all that a growing prompt leaves behind is then less than what it uses.
            var width = 2 * needed;
            var stairs = full([BlockQueries, width], Scalars.Hidden).triu_(width - BlockQueries + 1);
            cachedMasks.Add(stairs.repeat_interleave(group, 0).DetachFromDisposeScope());
            return cachedMasks[^1];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => cachedMasks.ForEach(held => held.Dispose());
}
