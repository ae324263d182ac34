using static TorchSharp.torch;

namespace ActivationReplay.Models.Columns;

/// <summary>What lies between the projections of an attention: rotated queries and keys in, mixed values out, and back.</summary>
internal interface IAttentionCore
{
    /// <summary>[H·d, C·m].</summary>
    Tensor Output { get; }

    /// <summary>Gradients at the queries [H, d, C, m], keys and values [Hkv, d, C, T], of that at the output.</summary>
    (Tensor Queries, Tensor Keys, Tensor Values) Backward(Tensor gradient);
}

/// <summary>
/// Causal attention over columns by blocks of queries, in fp32: each block of all heads that share keys is one product with
/// the keys that it can see. Pulled back by hand.
/// </summary>
internal sealed class BlockedCore : IAttentionCore
{
    private readonly long variants;
    private readonly long heads;
    private readonly long before;
    private readonly Tensor keys; // [C·Hkv, d, P + T]
    private readonly Tensor values; // [C·Hkv, d, P + T]
    private readonly Tensor mixed; // [C, Hkv, g, d, m]
    private readonly List<Block> blocks = [];

    /// <param name="q">Rotated and divided by √d, [H, d, C, m].</param>
    /// <param name="k">Rotated, [Hkv, d, C, T].</param>
    /// <param name="v">[Hkv, d, C, T].</param>
    /// <param name="prefix">Keys and values before, [1, Hkv, P, d]; null where there are none.</param>
    /// <param name="asking">The queries' places.</param>
    public BlockedCore(Tensor q, Tensor k, Tensor v, (Tensor Keys, Tensor Values)? prefix, ColumnQueries asking)
    {
        using var scope = NewDisposeScope();
        (heads, variants, before) = (q.shape[0], q.shape[2], asking.Before);
        var queries = ByKeyHead(q, k.shape[0]);
        keys = Joined(prefix?.Keys, k).DetachFromDisposeScope();
        values = Joined(prefix?.Values, v).DetachFromDisposeScope();
        var mixedBlocks = new List<Tensor>();
        foreach (var (start, rows, seen, hidden) in asking.Blocks)
        {
            var block = Gathered(queries, start, rows); // [C·Hkv, d, g·rows]
            var scores = block.transpose(1, 2).bmm(keys.narrow(2, 0, seen));
            scores.view(keys.shape[0], -1, rows, seen).narrow(3, seen - hidden.shape[1], hidden.shape[1])
                .masked_fill_(hidden, double.NegativeInfinity);
            var shares = scores.softmax(-1);
            scores.Dispose();
            mixedBlocks.Add(Spread(values.narrow(2, 0, seen).bmm(shares.transpose(1, 2)), rows));
            blocks.Add(new Block(start, rows, seen, block.DetachFromDisposeScope(), shares.DetachFromDisposeScope()));
        }

        mixed = cat(mixedBlocks, 4).DetachFromDisposeScope();
        Output = ByVariant(mixed).reshape(heads * keys.shape[1], -1).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Output { get; }

    /// <inheritdoc/>
    public (Tensor Queries, Tensor Keys, Tensor Values) Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var (kvHeads, size, own) = (keys.shape[0] / variants, keys.shape[1], keys.shape[2] - before);
        var atMixed = ByKeyHead(gradient.view(heads, size, variants, -1), kvHeads);
        var share = atMixed.mul(mixed).sum([3]); // [C, Hkv, g, m]
        var atQueries = new List<Tensor>();
        var atKeys = zeros([keys.shape[0], size, own], keys.dtype, keys.device);
        var atValues = zeros_like(atKeys);
        foreach (var (start, rows, seen, queries, shares) in blocks)
        {
            using var part = NewDisposeScope();
            var atBlock = Gathered(atMixed, start, rows);
            var atScores = atBlock.transpose(1, 2).bmm(values.narrow(2, 0, seen))
                .sub_(share.narrow(3, start, rows).reshape(keys.shape[0], -1, 1)).mul_(shares);
            atQueries.Add(Spread(keys.narrow(2, 0, seen).bmm(atScores.transpose(1, 2)), rows).MoveToOuterDisposeScope());
            var ownSeen = seen - before;
            atKeys.narrow(2, 0, ownSeen).add_(queries.bmm(atScores.narrow(2, before, ownSeen)));
            atValues.narrow(2, 0, ownSeen).add_(atBlock.bmm(shares.narrow(2, before, ownSeen)));
            queries.Dispose();
            shares.Dispose();
        }

        foreach (var held in new[] { keys, values, mixed, Output })
        {
            held.Dispose();
        }

        return (
            ByVariant(cat(atQueries, 4)).MoveToOuterDisposeScope(),
            atKeys.view(variants, kvHeads, size, own).permute(1, 2, 0, 3).MoveToOuterDisposeScope(),
            atValues.view(variants, kvHeads, size, own).permute(1, 2, 0, 3).MoveToOuterDisposeScope());
    }

    // [H, d, C, m] → [C, Hkv, g, d, m]
    private static Tensor ByKeyHead(Tensor x, long kvHeads) =>
        x.view(kvHeads, x.shape[0] / kvHeads, x.shape[1], x.shape[2], x.shape[3]).permute(3, 0, 1, 2, 4);

    // [C, Hkv, g, d, m] → [H, d, C, m]
    private Tensor ByVariant(Tensor x) => x.permute(1, 2, 3, 0, 4).reshape(heads, x.shape[3], variants, -1);

    // Some queries of all heads that share keys side by side, [C, Hkv, g, d, m] → [C·Hkv, d, g·rows].
    private static Tensor Gathered(Tensor x, long start, long rows) =>
        x.narrow(4, start, rows).transpose(2, 3).reshape(x.shape[0] * x.shape[1], x.shape[3], -1);

    // Back again, [C·Hkv, d, g·rows] → [C, Hkv, g, d, rows].
    private Tensor Spread(Tensor x, long rows) => x.view(variants, -1, x.shape[1], x.shape[2] / rows, rows).transpose(2, 3);

    // The prefix and [Hkv, d, C, T], [C·Hkv, d, P + T].
    private Tensor Joined(Tensor? prefix, Tensor own)
    {
        var byVariant = own.permute(2, 0, 1, 3); // [C, Hkv, d, T]
        var all = prefix is null ? byVariant : cat([prefix.transpose(2, 3).expand(variants, -1, -1, -1), byVariant], 3);
        return all.reshape(variants * own.shape[0], own.shape[1], -1);
    }

    private readonly record struct Block(long Start, long Rows, long Seen, Tensor Queries, Tensor Shares);
}
