using static TorchSharp.torch;

namespace ActivationReplay.Lens;

/// <summary>Computes rows a chunk at a time, so that memory does not grow with rows × vocabulary.</summary>
internal static class RowChunks
{
    // Rows × vocabulary of fp32 logits at a time: 64 MB, a few of which are alive at once.
    private const long Elements = 1 << 24;

    /// <summary>Rows of a chunk for a vocabulary of <paramref name="vocabulary"/> tokens.</summary>
    public static long RowsFor(long vocabulary) => Math.Max(1, Elements / vocabulary);

    /// <summary>The results [rows, …] of a computation on rows [start, start + count), put together; without gradients.</summary>
    /// <param name="rows">Rows in all; with 0 the computation runs once, on none.</param>
    /// <param name="chunkRows">Rows at a time.</param>
    /// <param name="compute">Takes start and count, gives tensors [count, …], always as many.</param>
    public static Tensor[] Map(long rows, long chunkRows, Func<long, long, Tensor[]> compute)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var parts = new List<Tensor[]>();
        var start = 0L;
        do
        {
            using var chunk = NewDisposeScope();
            var results = compute(start, Math.Min(chunkRows, rows - start));
            parts.Add([.. results.Select(r => r.MoveToOuterDisposeScope())]);
            start += chunkRows;
        }
        while (start < rows);

        return [.. parts[0].Select((_, i) => cat([.. parts.Select(p => p[i])], 0).MoveToOuterDisposeScope())];
    }
}
