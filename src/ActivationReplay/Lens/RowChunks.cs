using static TorchSharp.torch;

namespace ActivationReplay.Lens;

/// <summary>Computes functions of rows chunk by chunk, so that memory does not grow with rows × vocabulary.</summary>
internal static class RowChunks
{
    // Rows × vocabulary of fp32 logits at a time: 64 MB, a few of which are alive at once.
    private const long Elements = 1 << 24;

    /// <summary>The number of rows of a chunk, for a vocabulary of <paramref name="vocabulary"/> tokens.</summary>
    public static long RowsFor(long vocabulary) => Math.Max(1, Elements / vocabulary);

    /// <summary>
    /// Calls <paramref name="compute"/> for every chunk and concatenates the results, [rows, …]; without gradients.
    /// </summary>
    /// <param name="rows">The number of rows; 0 calls once, with a count of 0.</param>
    /// <param name="chunkRows">The most rows of a chunk.</param>
    /// <param name="compute">
    /// Takes the first row and the number of rows of a chunk; returns tensors [count, …], the same number each time.
    /// </param>
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
