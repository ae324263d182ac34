using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// The positions of states held as columns, [D, C·T]: the T positions of the first variant, then those of the second, and so on.
/// </summary>
/// <param name="Variants">C, the number of variants.</param>
/// <param name="Rotary">The rotary table of the T positions, unscaled, as keys take it.</param>
internal sealed record ColumnPositions(long Variants, ColumnRotary Rotary);

/// <summary>The positions of each variant that have a query, and the keys that each may attend to.</summary>
internal sealed class QueryPositions
{
    private const int BlockQueries = BlockedAttention.BlockQueries;

    /// <param name="table">Rotary table of the T positions, [1, T, 1, d].</param>
    /// <param name="prefixLength">P, the number of positions before the first column.</param>
    /// <param name="indices">The m positions, as ascending indices from 0 to T − 1; null is all of them.</param>
    public QueryPositions(Rotary table, long prefixLength, IReadOnlyList<int>? indices = null)
    {
        var device = table.Cos.device;
        Index = indices is null ? null : tensor(indices.Select(p => (long)p).ToArray(), ScalarType.Int64, device);
        var asked = Index is null ? table : table.At(Index);
        Rotary = new ColumnRotary(asked, 1 / Math.Sqrt(table.Cos.shape[^1]));
        Indices = indices ?? [.. Enumerable.Range(0, (int)table.Cos.shape[1])];
        PrefixLength = prefixLength;
        Blocks = [.. Enumerable.Range(0, (Indices.Count + BlockQueries - 1) / BlockQueries).Select(b => Block(b * BlockQueries))];
    }

    /// <summary>The indices as an int64 tensor, [m]; null where all T positions have a query.</summary>
    public Tensor? Index { get; }

    /// <summary>The rotary table of these positions, divided by √d, so that rotated queries are scaled for attention.</summary>
    public ColumnRotary Rotary { get; }

    /// <summary>The indices of the m positions, 0 to T − 1, ascending.</summary>
    public IReadOnlyList<int> Indices { get; }

    /// <summary>P, the number of positions before the first column.</summary>
    public long PrefixLength { get; }

    /// <summary>The m queries in blocks of at most <see cref="BlockedAttention.BlockQueries"/> consecutive ones.</summary>
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

/// <summary>A block of consecutive queries and the keys that they attend to.</summary>
/// <param name="Start">Index of the first query among the m.</param>
/// <param name="Seen">The number of keys that the last query attends to, the prefix included.</param>
/// <param name="Visible">For each query of the block, the number of keys that it attends to.</param>
internal readonly record struct QueryBlock(int Start, int Seen, int[] Visible);
