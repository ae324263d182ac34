using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>The positions of states held as columns, [D, C·T], those of one variant after those of another.</summary>
/// <param name="Variants">C.</param>
/// <param name="Rotary">The table of the T positions, for keys.</param>
internal sealed record ColumnPositions(long Variants, ColumnRotary Rotary);

/// <summary>Which positions of each variant attend, and to what.</summary>
internal sealed class QueryPositions
{
    private const int BlockQueries = BlockedAttention.BlockQueries;

    /// <param name="table">Rotary table of the T positions, [1, T, 1, d].</param>
    /// <param name="prefixLength">P.</param>
    /// <param name="indices">The m positions that attend, ascending; null is all.</param>
    public QueryPositions(Rotary table, long prefixLength, IReadOnlyList<int>? indices = null)
    {
        var device = table.Cos.device;
        Index = indices is null ? null : tensor(indices.Select(p => (long)p).ToArray(), ScalarType.Int64, device);
        var asked = Index is null ? table : table.At(Index);
        Rotary = new ColumnRotary(asked, 1 / Math.Sqrt(table.Cos.shape[^1]));
        Indices = indices ?? [.. Enumerable.Range(0, (int)table.Cos.shape[1])];
        PrefixLength = prefixLength;
        Blocks = [.. Enumerable.Range(0, (Indices.Count + BlockQueries - 1) / BlockQueries).Select(b => Block(b * BlockQueries))];
        if (Index is not null)
        {
            var unseen = Scalars.UpTo(prefixLength + table.Cos.shape[1], device).unsqueeze(0).gt(Index.add(Scalars.Of(prefixLength), Scalars.One).unsqueeze(1));
            Mask = zeros(unseen.shape, table.Cos.dtype, device).masked_fill(unseen, Scalars.Hidden);
        }
    }

    /// <summary>m positions into T, int64; null is all of them.</summary>
    public Tensor? Index { get; }

    /// <summary>Their table, for queries divided by √d.</summary>
    public ColumnRotary Rotary { get; }

    /// <summary>The same as numbers.</summary>
    public IReadOnlyList<int> Indices { get; }

    /// <summary>P.</summary>
    public long PrefixLength { get; }

    /// <summary>What each may attend to, additive, [m, P + T]; null where all positions attend.</summary>
    public Tensor? Mask { get; }

    /// <summary>The queries by blocks of consecutive ones.</summary>
    public IReadOnlyList<QueryBlock> Blocks { get; }

    /// <summary>The columns [D, C·m] of the states [D, C·T] at these positions.</summary>
    public Tensor Of(Tensor columns, long variants) =>
        Index is null ? columns : Split(columns, variants).index_select(2, Index).flatten(1);

    /// <summary>Adds columns [D, C·m] to those of [D, C·T] at these positions.</summary>
    public void Add(Tensor columns, Tensor sum, long variants)
    {
        if (Index is null)
        {
            sum.PlusInPlace(columns);
        }
        else
        {
            Split(sum, variants).index_add_(2, Index, Split(columns, variants), Scalars.One);
        }
    }

    private QueryBlock Block(int start)
    {
        int[] visible = [.. Indices.Skip(start).Take(BlockQueries).Select(index => (int)PrefixLength + index + 1)];
        return new QueryBlock(start, visible[^1], visible);
    }

    private static Tensor Split(Tensor columns, long variants) => columns.view(columns.shape[0], variants, -1);
}

/// <summary>Consecutive queries, and the keys that some of them see.</summary>
/// <param name="Start">The first of them.</param>
/// <param name="Seen">Keys up to the last query's own.</param>
/// <param name="Visible">How many keys each query sees, itself the last.</param>
internal readonly record struct QueryBlock(int Start, int Seen, int[] Visible);
