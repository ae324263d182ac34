using ActivationReplay.Inputs;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>
/// The grid of learnable tokens δ: for each temporal step of each medium rows × columns of them, row-major in prompt order. They
/// are upsampled bilinearly (corners not aligned) to the visual tokens.
/// </summary>
public sealed class LearnableGrid
{
    private readonly IReadOnlyList<(VisualSpan Span, int Rows, int Columns)> media;

    private LearnableGrid(IReadOnlyList<(VisualSpan Span, int Rows, int Columns)> media) => this.media = media;

    /// <summary>The grid of the settings: by number of tokens if they give one, else by ratio.</summary>
    public static LearnableGrid Of(IReadOnlyList<VisualSpan> spans, LoopSettings settings) =>
        settings.GridCells is { } tokens ? OfTokens(spans, tokens) : OfRatio(spans, settings.GridRatio);

    /// <summary>A grid of ⌈r·H⌉ × ⌈r·W⌉ learnable tokens for H × W visual tokens.</summary>
    /// <param name="spans">The media of the prompt.</param>
    /// <param name="ratio">r, in (0, 1].</param>
    public static LearnableGrid OfRatio(IReadOnlyList<VisualSpan> spans, double ratio) =>
        ratio is > 0 and <= 1
            ? new([.. spans.Select(s => (s, (int)Math.Ceiling(ratio * s.H), (int)Math.Ceiling(ratio * s.W)))])
            : throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "The learnable ratio is above 0 and at most 1.");

    /// <summary>
    /// The grid with at most <paramref name="tokens"/> learnable tokens a temporal step whose aspect is nearest the picture's.
    /// </summary>
    /// <param name="spans">The media of the prompt.</param>
    /// <param name="tokens">The most learnable tokens of a temporal step, at least 1.</param>
    public static LearnableGrid OfTokens(IReadOnlyList<VisualSpan> spans, int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokens);
        return new([.. spans.Select(s => Nearest(s, tokens))]);
    }

    /// <summary>The number of learnable tokens, of all media and temporal steps.</summary>
    public int Count => media.Sum(m => m.Span.T * m.Rows * m.Columns);

    /// <summary>The offsets at the N visual tokens, [N, D], given the learnable tokens, [Count, D]; differentiable.</summary>
    public Tensor Upsample(Tensor tokens) =>
        media.All(m => m.Rows == m.Span.H && m.Columns == m.Span.W)
            ? tokens
            : GridResizer.Resize(tokens, [.. media.Select(m => (m.Span.T, m.Rows, m.Columns, m.Span.H, m.Span.W))]);

    // For each number of rows the most columns that are allowed; of these grids the one whose log(rows / columns) is nearest
    // the picture's, and of several the one with the most tokens.
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
