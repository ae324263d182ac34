using ActivationReplay.Kernels;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// Causal attention over columns by blocks of queries, on the CPU in fp32: a block of queries, of all heads that share a key
/// head, is multiplied only with the keys that it can attend to. The backward pass is written by hand. Its twins
/// compute the same over rows: <see cref="BlockedAttention"/>, differentiated by autograd, which stores more and is slower, and
/// <see cref="RowAttentionPass"/> for GPUs and other types.
/// </summary>
internal sealed class BlockedCore
{
    private readonly ColumnPositions positions;
    private readonly QueryPositions queryPositions;
    private readonly HeadBlocks queryBlocks;
    private readonly HeadBlocks keyBlocks; // one block: all T positions after the prefix
    private readonly Tensor keys; // [C·Hkv, d, P + T]
    private readonly Tensor values; // [C·Hkv, d, P + T]
    private readonly Tensor[] queries; // a tensor per block, [C·Hkv, d, g·rows]
    private readonly Tensor[] weights; // attention weights per block, [C·Hkv, g·rows, seen]

    /// <param name="module">The attention, for the number and size of its heads.</param>
    /// <param name="projected">Queries [H·d, C·m], keys and values [Hkv·d, C·T], before rotation.</param>
    /// <param name="positions">The T positions of the keys, in each of C variants.</param>
    /// <param name="prefix">Rotated keys, and values, of the P positions before, [1, Hkv, P, d]; null where P is 0.</param>
    /// <param name="queryPositions">The m positions of each variant that have a query.</param>
    public BlockedCore(
        Attention module, (Tensor Queries, Tensor Keys, Tensor Values) projected, ColumnPositions positions,
        (Tensor Keys, Tensor Values)? prefix, QueryPositions queryPositions)
    {
        using var scope = NewDisposeScope();
        (this.positions, this.queryPositions) = (positions, queryPositions);
        queryBlocks = new HeadBlocks(module, positions.Variants, [.. queryPositions.Blocks.Select(b => (b.Start, b.Visible.Length))]);
        keyBlocks = new HeadBlocks(module, positions.Variants, [(0, (int)positions.Rotary.Count)], queryPositions.PrefixLength);
        queries = queryBlocks.Gather(projected.Queries, queryPositions.Rotary);
        keys = Joined(prefix?.Keys, keyBlocks.Gather(projected.Keys, positions.Rotary)[0]);
        values = Joined(prefix?.Values, keyBlocks.Gather(projected.Values)[0]);
        weights = [.. queryPositions.Blocks.Zip(queries, AttentionWeights)];
        Output = queryBlocks.Scatter([.. queryPositions.Blocks.Zip(weights, (b, p) => values.narrow(2, 0, b.Seen).bmm(p.transpose(1, 2)))]);
        foreach (var kept in queries.Concat(weights).Concat([keys, values, Output]))
        {
            kept.DetachFromDisposeScope();
        }
    }

    /// <summary>The attention's output before the last projection, [H·d, C·m].</summary>
    public Tensor Output { get; }

    /// <summary>
    /// The gradients with respect to the projected queries [H·d, C·m], keys and values [Hkv·d, C·T]. Frees the tensors of the
    /// forward pass, so call it once.
    /// </summary>
    /// <param name="gradient">The gradient with respect to <see cref="Output"/>, [H·d, C·m].</param>
    public (Tensor Queries, Tensor Keys, Tensor Values) Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var atOutput = queryBlocks.Gather(gradient);
        var atQueries = new Tensor[queries.Length];
        var (atKeys, atValues) = (empty_like(keys), empty_like(values));
        foreach (var (i, block) in queryPositions.Blocks.Index().Reverse())
        {
            var atScores = atOutput[i].transpose(1, 2).bmm(values.narrow(2, 0, block.Seen));
            HostSoftmax.Backward(weights[i], atScores, block.Visible);
            atQueries[i] = keys.narrow(2, 0, block.Seen).bmm(atScores.transpose(1, 2));
            Sum(atKeys, queries[i], atScores, block);
            Sum(atValues, atOutput[i], weights[i], block);
        }

        foreach (var held in queries.Concat(weights).Concat([keys, values, Output]))
        {
            held.Dispose();
        }

        return (
            queryBlocks.Scatter(atQueries, queryPositions.Rotary).MoveToOuterDisposeScope(),
            keyBlocks.Scatter([atKeys], positions.Rotary).MoveToOuterDisposeScope(),
            keyBlocks.Scatter([atValues]).MoveToOuterDisposeScope());
    }

    // softmax(q kᵀ) of one block, [C·Hkv, g·rows, seen]; queries are divided by √d when they are rotated.
    private Tensor AttentionWeights(QueryBlock block, Tensor query)
    {
        var scores = query.transpose(1, 2).bmm(keys.narrow(2, 0, block.Seen));
        HostSoftmax.Forward(scores, block.Visible);
        return scores;
    }

    // Copies the prefix's keys or values, the same for every variant, in front of the T positions.
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
        var (prefixLength, own) = (queryPositions.PrefixLength, block.Seen - queryPositions.PrefixLength);
        var part = left.bmm(right.narrow(2, prefixLength, own));
        var target = sum.narrow(2, prefixLength, own);
        if (block == queryPositions.Blocks[^1])
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
