using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// Causal grouped-query attention by blocks of queries, for CPUs: each block is multiplied with the keys that it can see
/// alone, which saves up to half of the products, and a key head with all its query heads at once, so that keys and values
/// are never repeated.
/// </summary>
internal static class BlockedAttention
{
    private const long BlockQueries = 64;
    private static readonly Lock Guard = new();
    private static readonly Dictionary<(long Group, ScalarType Type), Tensor> Staircases = [];

    /// <summary>softmax(q kᵀ / √d) v, [B, T, H·d]; query t sees keys 0 to S−T+t.</summary>
    /// <param name="q">[B, T, H, d].</param>
    /// <param name="k">[B, Hkv, S, d].</param>
    /// <param name="v">[B, Hkv, S, d].</param>
    public static Tensor Causal(Tensor q, Tensor k, Tensor v)
    {
        var (batch, length, heads, size) = (q.shape[0], q.shape[1], q.shape[2], q.shape[3]);
        var (kvHeads, keys) = (k.shape[1], k.shape[2]);
        var (group, before) = (heads / kvHeads, keys - length);
        var queries = Fold(q, kvHeads); // [B, Hkv, T, group, d]
        var (allKeys, allValues) = (k.reshape(-1, keys, size), v.reshape(-1, keys, size)); // [B·Hkv, S, d]
        var masks = Staircase(group, before + length, q.dtype);
        var blocks = new List<Tensor>();
        for (var start = 0L; start < length; start += BlockQueries)
        {
            var rows = Math.Min(BlockQueries, length - start);
            var seen = before + start + rows;
            var mask = masks.narrow(0, 0, rows * group).narrow(1, masks.shape[1] - BlockQueries - before - start, seen);
            blocks.Add(Mix(
                queries.narrow(2, start, rows).reshape(-1, rows * group, size),
                allKeys.narrow(1, 0, seen),
                allValues.narrow(1, 0, seen),
                mask));
        }

        return Unfold(blocks.Count == 1 ? blocks[0] : cat(blocks, 1), batch, length, heads, size);
    }

    // q [n, rows, d], k and v [n, seen, d], mask [rows, seen] → [n, rows, d]
    private static Tensor Mix(Tensor q, Tensor k, Tensor v, Tensor mask)
    {
        // TorchSharp's baddbmm takes what is added to last: mask + α q kᵀ.
        var scores = baddbmm(q, k.transpose(1, 2), mask.expand(q.shape[0], -1, -1), alpha: (float)(1 / Math.Sqrt(q.shape[2])));
        return scores.softmax(-1).bmm(v);
    }

    // The rows of a key head: its queries in order of position, the heads of the group next to each other.
    private static Tensor Fold(Tensor q, long kvHeads) =>
        q.view(q.shape[0], q.shape[1], kvHeads, q.shape[2] / kvHeads, q.shape[3]).permute(0, 2, 1, 3, 4);

    private static Tensor Unfold(Tensor mixed, long batch, long length, long heads, long size) =>
        mixed.view(batch, -1, length, mixed.shape[1] / length, size).permute(0, 2, 1, 3, 4).reshape(batch, length, heads * size);

    /// <summary>
    /// [BlockQueries · group, ≥ keys + BlockQueries]: row t of a block, once a head of the group, is 0 up to column
    /// (width − BlockQueries + t) and −∞ behind it. The mask of any block is a window of it.
    /// </summary>
    private static Tensor Staircase(long group, long keys, ScalarType type)
    {
        lock (Guard)
        {
            if (Staircases.TryGetValue((group, type), out var held) && held.shape[1] >= keys + BlockQueries)
            {
                return held;
            }

            using var quiet = no_grad();
            using var scope = NewDisposeScope();
            var width = (keys / 1024 + 1) * 1024 + BlockQueries;
            var stairs = full([BlockQueries, width], double.NegativeInfinity, type).triu_(width - BlockQueries + 1);
            return Staircases[(group, type)] = stairs.repeat_interleave(group, 0).DetachFromDisposeScope();
        }
    }
}
