using ActivationReplay.Kernels;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// Causal attention over columns by blocks of queries, on the processor in fp32: each block of all heads that share keys is
/// one product with the keys that it can see. Pulled back by hand. Its twin <see cref="BlockedAttention"/> computes the same
/// over rows, and autograd pulls that back, which keeps more and takes longer.
/// </summary>
internal sealed class BlockedCore : IAttentionCore
{
    private readonly ColumnPositions positions;
    private readonly QueryPositions queryPositions;
    private readonly HeadBlocks queryBlocks;
    private readonly HeadBlocks keyBlocks; // one of all positions, behind those of the prefix
    private readonly Tensor keys; // [C·Hkv, d, P + T]
    private readonly Tensor values; // [C·Hkv, d, P + T]
    private readonly Tensor[] queries; // a block each, [C·Hkv, d, g·rows]
    private readonly Tensor[] weights; // [C·Hkv, g·rows, seen]

    /// <param name="module">The attention.</param>
    /// <param name="projected">Queries [H·d, C·m], keys and values [Hkv·d, C·T], not yet rotated.</param>
    /// <param name="positions">The T positions.</param>
    /// <param name="prefix">Keys and values before, [1, Hkv, P, d]; null where there are none.</param>
    /// <param name="queryPositions">The positions of the queries.</param>
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

    /// <inheritdoc/>
    public Tensor Output { get; }

    /// <inheritdoc/>
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

    private Tensor AttentionWeights(QueryBlock block, Tensor query)
    {
        var scores = query.transpose(1, 2).bmm(keys.narrow(2, 0, block.Seen));
        HostSoftmax.Forward(scores, block.Visible);
        return scores;
    }

    // The prefix's keys or values are the same for every variant.
    private static Tensor Joined(Tensor? prefix, Tensor all)
    {
        if (prefix is not null)
        {
            var (heads, count) = (prefix.shape[1], prefix.shape[2]);
            all.view(-1, heads, all.shape[1], all.shape[2]).narrow(3, 0, count).copy_(prefix.transpose(2, 3));
        }

        return all;
    }

    // Adds one block's part to the gradient at the keys or values, of those that are no prefix. The last block comes first:
    // some of its queries see all of them.
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
