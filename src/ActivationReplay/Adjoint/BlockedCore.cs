using ActivationReplay.Kernels;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

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
    private readonly int prefixLength;
    private readonly IReadOnlyList<QueryBlock> blocks;
    private readonly HeadBlocks queryBlocks;
    private readonly HeadBlocks keyBlocks; // one block: all T positions after the prefix
    private readonly Tensor keys; // [C·Hkv, d, P + T]
    private readonly Tensor values; // [C·Hkv, d, P + T]
    private readonly Tensor[] queries; // a tensor per block, [C·Hkv, d, g·rows]
    private readonly Tensor[] weights; // attention weights per block, [C·Hkv, g·rows, seen]

    /// <param name="module">The attention, for the number and size of its heads.</param>
    /// <param name="projected">Queries [H·d, q], keys and values [Hkv·d, n] of the whole batch, before rotation.</param>
    /// <param name="positions">The batch's positions.</param>
    /// <param name="number">The group's, of which C variants attend from m to T positions each.</param>
    /// <param name="prefix">Rotated keys, and values, of the P positions before, [2, 1 or C, Hkv, P, d]; null where P is 0.</param>
    /// <param name="output">Receives the group's columns of the output before the last projection, [H·d, q].</param>
    public BlockedCore(
        Attention module, (Tensor Queries, Tensor Keys, Tensor Values) projected, ColumnPositions positions, int number,
        Tensor? prefix, Tensor output)
    {
        using var scope = NewDisposeScope();
        var group = positions.Batch.Groups[number];
        (this.positions, blocks, prefixLength) = (positions, positions.Blocks[number], (int)group.PrefixLength);
        queryBlocks = new HeadBlocks(module, group.Variants, group.FirstQuery, [.. blocks.Select(b => (b.Start, b.Visible.Length))]);
        keyBlocks = new HeadBlocks(module, group.Variants, group.FirstRow, [(0, group.Length)], prefixLength);
        queries = queryBlocks.Gather(projected.Queries, positions.Queries);
        keys = Joined(prefix?.select(0, 0), keyBlocks.Gather(projected.Keys, positions.Keys)[0]);
        values = Joined(prefix?.select(0, 1), keyBlocks.Gather(projected.Values)[0]);
        weights = [.. blocks.Zip(queries, AttentionWeights)];
        queryBlocks.Scatter([.. blocks.Zip(weights, (b, p) => values.narrow(2, 0, b.Seen).bmm(p.transpose(1, 2)))], output);
        foreach (var kept in queries.Concat(weights).Concat([keys, values]))
        {
            kept.DetachFromDisposeScope();
        }
    }

    /// <summary>
    /// Computes the group's columns of the gradients with respect to the projected queries [H·d, q], keys and values [Hkv·d, n]. Frees
    /// the tensors of the forward pass, so call it once.
    /// </summary>
    /// <param name="gradient">The gradient with respect to the output, [H·d, q].</param>
    /// <param name="result">Receives them.</param>
    public void Backward(Tensor gradient, (Tensor Queries, Tensor Keys, Tensor Values) result)
    {
        using var scope = NewDisposeScope();
        var atOutput = queryBlocks.Gather(gradient);
        var atQueries = new Tensor[queries.Length];
        var (atKeys, atValues) = (empty_like(keys), empty_like(values));
        foreach (var (i, block) in blocks.Index().Reverse())
        {
            var atScores = atOutput[i].transpose(1, 2).bmm(values.narrow(2, 0, block.Seen));
            HostSoftmax.Backward(weights[i], atScores, block.Visible);
            atQueries[i] = keys.narrow(2, 0, block.Seen).bmm(atScores.transpose(1, 2));
            Sum(atKeys, queries[i], atScores, block);
            Sum(atValues, atOutput[i], weights[i], block);
        }

        foreach (var held in queries.Concat(weights).Concat([keys, values]))
        {
            held.Dispose();
        }

        queryBlocks.Scatter(atQueries, result.Queries, positions.Queries);
        keyBlocks.Scatter([atKeys], result.Keys, positions.Keys);
        keyBlocks.Scatter([atValues], result.Values);
    }

    // softmax(q kᵀ) of one block, [C·Hkv, g·rows, seen]; queries are divided by √d when they are rotated.
    private Tensor AttentionWeights(QueryBlock block, Tensor query)
    {
        var scores = query.transpose(1, 2).bmm(keys.narrow(2, 0, block.Seen));
        HostSoftmax.Forward(scores, block.Visible);
        return scores;
    }

    // Copies the prefix's keys or values, [1 or C, Hkv, P, d], in front of the T positions.
    private static Tensor Joined(Tensor? prefix, Tensor all)
    {
        if (prefix is not null)
        {
            var (heads, count) = (prefix.shape[1], prefix.shape[2]);
            all.view(-1, heads, all.shape[1], all.shape[2]).narrow(3, 0, count).copy_(prefix.transpose(2, 3));
        }

        return all;
    }

    // Adds a block's contribution to the gradient of keys or values; the prefix gets none. Blocks come from last to first, and
    // the last one initialises the sum, since it attends to the most keys.
    private void Sum(Tensor sum, Tensor left, Tensor right, QueryBlock block)
    {
        var own = block.Seen - prefixLength;
        var part = left.bmm(right.narrow(2, prefixLength, own));
        var target = sum.narrow(2, prefixLength, own);
        if (block == blocks[^1])
        {
            sum.narrow(2, block.Seen, sum.shape[2] - block.Seen).zero_();
            target.copy_(part);
        }
        else
        {
            target.PlusInPlace(part);
        }
    }
}
