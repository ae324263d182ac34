using ActivationReplay.Kernels;
using ActivationReplay.Models;

namespace ActivationReplay.Adjoint;

/// <summary>
/// Causal attention of one group over columns by blocks of queries, on the CPU in fp32: a block of queries, of all heads that share a
/// key head, is multiplied only with the keys that it can attend to. The backward pass is written by hand. Its twins
/// compute the same over rows: <see cref="BlockedAttention"/>, differentiated by autograd, which stores more and is slower, and
/// <see cref="RowCore"/> for GPUs and other types.
/// </summary>
internal sealed class BlockedCore
{
    private readonly ColumnPositions positions;
    private readonly HostMatrices room;
    private readonly int items; // C·Hkv
    private readonly int prefixLength;
    private readonly IReadOnlyList<QueryBlock> blocks;
    private readonly HeadBlocks queryBlocks;
    private readonly HeadBlocks keyBlocks; // one block: all T positions after the prefix
    private readonly LentMatrix keys; // [C·Hkv·d, P + T]
    private readonly LentMatrix values; // [C·Hkv·d, P + T]
    private readonly LentMatrix[] queries; // a matrix a block, [C·Hkv·d, g·rows]
    private readonly LentMatrix[] weights; // attention weights a block, [C·Hkv·g·rows, seen]

    /// <param name="module">The attention, for the number and size of its heads.</param>
    /// <param name="projected">Queries [H·d, q], keys and values [Hkv·d, n] of the whole batch, before rotation.</param>
    /// <param name="positions">The batch's positions.</param>
    /// <param name="number">The group's, of which C variants attend from m to T positions each.</param>
    /// <param name="prefix">Rotated keys, and values, of the P positions before, [2, 1 or C, Hkv, d, P]; null where P is 0.</param>
    /// <param name="output">Receives the group's columns of the output before the last projection, [H·d, q].</param>
    /// <param name="room">Lends memory.</param>
    public BlockedCore(
        Attention module, (HostMatrix Queries, HostMatrix Keys, HostMatrix Values) projected, ColumnPositions positions, int number,
        HostMatrix? prefix, HostMatrix output, HostMatrices room)
    {
        var group = positions.Batch.Groups[number];
        (this.positions, this.room, blocks, prefixLength) = (positions, room, positions.Blocks[number], (int)group.PrefixLength);
        items = (int)(group.Variants * module.KvHeads);
        queryBlocks = new HeadBlocks(module, group.Variants, group.FirstQuery, [.. blocks.Select(b => (b.Start, b.Visible.Length))]);
        keyBlocks = new HeadBlocks(module, group.Variants, group.FirstRow, [(0, group.Length)], prefixLength);
        queries = queryBlocks.Gather(projected.Queries, room, positions.Queries);
        keys = Joined(prefix, 0, keyBlocks.Gather(projected.Keys, room, positions.Keys)[0]);
        values = Joined(prefix, 1, keyBlocks.Gather(projected.Values, room)[0]);
        weights = new LentMatrix[blocks.Count];
        var attended = queryBlocks.Room(module.Heads / module.KvHeads, room);
        for (var b = 0; b < weights.Length; b++)
        {
            weights[b] = AttentionWeights(blocks[b], queries[b]);
            HeadProduct.Write(items, Seen(values, blocks[b]), HeadOperand.All(weights[b], isTurned: true), HeadOperand.All(attended[b]));
        }

        queryBlocks.Scatter(attended, output);
        Free(attended);
    }

    /// <summary>
    /// Computes the group's columns of the gradients with respect to the projected queries [H·d, q], keys and values [Hkv·d, n]. Gives
    /// back the memory of the forward pass, so call it once.
    /// </summary>
    /// <param name="gradient">The gradient with respect to the output, [H·d, q].</param>
    /// <param name="result">Receives them.</param>
    public void Backward(HostMatrix gradient, (HostMatrix Queries, HostMatrix Keys, HostMatrix Values) result)
    {
        var atOutput = queryBlocks.Gather(gradient, room);
        var atQueries = new LentMatrix[queries.Length];
        var (atKeys, atValues) = (room.Of(keys.Rows, keys.Columns), room.Of(values.Rows, values.Columns));
        for (var b = blocks.Count - 1; b >= 0; b--)
        {
            var block = blocks[b];
            using var atScores = room.Of(weights[b].Rows, weights[b].Columns);
            HeadProduct.Write(items, HeadOperand.All(atOutput[b], isTurned: true), Seen(values, block), HeadOperand.All(atScores));
            HostSoftmax.Backward(weights[b], atScores, block.Visible);
            atQueries[b] = room.Of(queries[b].Rows, queries[b].Columns);
            HeadProduct.Write(items, Seen(keys, block), HeadOperand.All(atScores, isTurned: true), HeadOperand.All(atQueries[b]));
            Sum(atKeys, queries[b], atScores, block);
            Sum(atValues, atOutput[b], weights[b], block);
        }

        queryBlocks.Scatter(atQueries, result.Queries, positions.Queries);
        keyBlocks.Scatter([atKeys], result.Keys, positions.Keys);
        keyBlocks.Scatter([atValues], result.Values);
        Free([keys, values, atKeys, atValues, .. queries, .. weights, .. atOutput, .. atQueries]);
    }

    // softmax(q kᵀ) of one block, [C·Hkv·g·rows, seen]; queries are divided by √d when they are rotated.
    private LentMatrix AttentionWeights(QueryBlock block, HostMatrix query)
    {
        var scores = room.Of((long)items * query.Columns, block.Seen);
        HeadProduct.Write(items, HeadOperand.All(query, isTurned: true), Seen(keys, block), HeadOperand.All(scores));
        HostSoftmax.Forward(scores, block.Visible);
        return scores;
    }

    private static HeadOperand Seen(HostMatrix all, QueryBlock block) => new(all, 0, block.Seen);

    // Copies the prefix's keys or values in front of the T positions.
    private static LentMatrix Joined(HostMatrix? prefix, int part, LentMatrix all)
    {
        if (prefix is not null)
        {
            var own = prefix.Rows / 2; // those of one variant, which all share, or of every variant
            for (var row = 0; row < all.Rows; row++)
            {
                prefix[((long)part * own) + (row % own)].CopyTo(all[row]);
            }
        }

        return all;
    }

    // Adds a block's contribution to the gradient of keys or values; the prefix gets none. Blocks come from last to first, and
    // the last one initialises the sum, since it attends to the most keys.
    private void Sum(HostMatrix sum, HostMatrix left, HostMatrix right, QueryBlock block)
    {
        var own = block.Seen - prefixLength;
        var isFirst = block == blocks[^1];
        if (isFirst && block.Seen < sum.Columns)
        {
            for (var row = 0; row < sum.Rows; row++)
            {
                sum[row][block.Seen..].Clear();
            }
        }

        HeadProduct.Write(items, HeadOperand.All(left), new(right, prefixLength, own), new(sum, prefixLength, own), adds: !isFirst);
    }

    private static void Free(IEnumerable<LentMatrix> lent)
    {
        foreach (var matrix in lent)
        {
            matrix.Dispose();
        }
    }
}
