using ActivationReplay.Inputs;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>
/// Where δ lives: a grid of tokens for each temporal step of each medium, row-major in prompt order, upsampled bilinearly
/// (corners not aligned) to the visual tokens.
/// </summary>
public sealed class LearnableGrid
{
    private readonly IReadOnlyList<(VisualSpan Span, int Rows, int Columns)> media;

    private LearnableGrid(IReadOnlyList<(VisualSpan Span, int Rows, int Columns)> media) => this.media = media;

    /// <summary>The grid that the settings ask for.</summary>
    public static LearnableGrid Of(IReadOnlyList<VisualSpan> spans, LoopSettings settings) =>
        settings.GridCells is { } tokens ? OfTokens(spans, tokens) : OfRatio(spans, settings.GridRatio);

    /// <summary>⌈r·h⌉ × ⌈r·w⌉ tokens, <paramref name="ratio"/> r in (0, 1].</summary>
    public static LearnableGrid OfRatio(IReadOnlyList<VisualSpan> spans, double ratio) =>
        ratio is > 0 and <= 1
            ? new([.. spans.Select(s => (s, (int)Math.Ceiling(ratio * s.H), (int)Math.Ceiling(ratio * s.W)))])
            : throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "The learnable ratio is above 0 and at most 1.");

    /// <summary>At most <paramref name="tokens"/> tokens a temporal step, in the grid nearest the picture's aspect.</summary>
    public static LearnableGrid OfTokens(IReadOnlyList<VisualSpan> spans, int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokens);
        return new([.. spans.Select(s => Nearest(s, tokens))]);
    }

    /// <summary>Number of learnable tokens.</summary>
    public int Count => media.Sum(m => m.Span.T * m.Rows * m.Columns);

    /// <summary>Offsets at the visual tokens, [N, D], of the tokens [Count, D]; differentiable.</summary>
    public Tensor Upsample(Tensor tokens) =>
        media.All(m => m.Rows == m.Span.H && m.Columns == m.Span.W)
            ? tokens
            : GridResizer.Resize(tokens, [.. media.Select(m => (m.Span.T, m.Rows, m.Columns, m.Span.H, m.Span.W))]);

    // Of the fullest grids, the one whose logarithm of rows over columns is nearest the picture's.
    private static (VisualSpan Span, int Rows, int Columns) Nearest(VisualSpan span, int tokens)
    {
        var best = Enumerable.Range(1, Math.Min(span.H, tokens))
            .Select(rows => (Rows: rows, Columns: Math.Min(span.W, tokens / rows)))
            .OrderBy(g => Math.Abs(Math.Log((double)g.Rows / g.Columns * span.W / span.H)))
            .ThenByDescending(g => g.Rows * g.Columns)
            .First();
        return (span, best.Rows, best.Columns);
    }
}
