using ActivationReplay.Kernels;
using ActivationReplay.Models;

namespace ActivationReplay.Adjoint;

/// <summary>What attention over columns needs of the positions of a batch.</summary>
internal sealed unsafe class ColumnPositions
{
    private const int BlockQueries = BlockedAttention.BlockQueries;

    /// <param name="batch">The positions.</param>
    /// <param name="keys">The rotary table of all n, unscaled.</param>
    public ColumnPositions(BatchPositions batch, ColumnRotary keys)
    {
        (Batch, Keys) = (batch, keys);
        Queries = new ColumnRotary(batch.Queries, 1 / Math.Sqrt(batch.Queries.Cos.shape[^1]));
        Blocks = [.. batch.Groups.Select(Cut)];
        Index = batch.Index is null ? null : batch.Index.Longs();
    }

    /// <summary>Which of the n have a query, int64 [q]; null where all have.</summary>
    public long* Index { get; }

    /// <summary>The positions.</summary>
    public BatchPositions Batch { get; }

    /// <summary>The rotary table of all positions, as keys take it.</summary>
    public ColumnRotary Keys { get; }

    /// <summary>The rotary table of those that have a query, divided by √d, so that rotated queries are scaled for attention.</summary>
    public ColumnRotary Queries { get; }

    /// <summary>The m queries of each group's variants in blocks of at most <see cref="BlockedAttention.BlockQueries"/>.</summary>
    public IReadOnlyList<IReadOnlyList<QueryBlock>> Blocks { get; }

    private static IReadOnlyList<QueryBlock> Cut(AttentionGroup group) =>
    [
        .. group.Queries.Select(q => (int)group.PrefixLength + q + 1).Chunk(BlockQueries)
            .Select((visible, b) => new QueryBlock(b * BlockQueries, visible[^1], visible)),
    ];
}

/// <summary>A block of consecutive queries and the keys that they attend to.</summary>
/// <param name="Start">Index of the first query among the m.</param>
/// <param name="Seen">The number of keys that the last query attends to, the prefix included.</param>
/// <param name="Visible">For each query of the block, the number of keys that it attends to.</param>
internal readonly record struct QueryBlock(int Start, int Seen, int[] Visible);
