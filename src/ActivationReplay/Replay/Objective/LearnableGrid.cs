using ActivationReplay.Inputs;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>
/// The grid of learnable tokens δ: for each medium temporal steps × rows × columns of them, row-major in prompt order. They
/// are upsampled to the visual tokens, bilinearly in a step and linearly in time (corners not aligned).
/// </summary>
public sealed class LearnableGrid
{
    private readonly IReadOnlyList<(MediumGrid Own, MediumGrid Full)> media;

    private LearnableGrid(IEnumerable<(MediumGrid Own, MediumGrid Full)> media) => this.media = [.. media];

    /// <summary>The grid of the settings: rows and columns by number of tokens if they give one, else by ratio; temporal steps by theirs.</summary>
    public static LearnableGrid Of(IReadOnlyList<VisualSpan> spans, LoopSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var grid = settings.GridCells is { } tokens ? OfTokens(spans, tokens) : OfRatio(spans, settings.GridRatio);
        return new(grid.media.Select(m => (m.Own with { T = (int)Math.Ceiling(settings.GridTimeRatio * m.Full.T) }, m.Full)));
    }

    /// <summary>A grid of ⌈r·H⌉ × ⌈r·W⌉ learnable tokens for H × W visual tokens.</summary>
    /// <param name="spans">The media of the prompt.</param>
    /// <param name="ratio">r, in (0, 1].</param>
    public static LearnableGrid OfRatio(IReadOnlyList<VisualSpan> spans, double ratio) =>
        ratio is > 0 and <= 1
            ? new(spans.Select(s => (new MediumGrid(s.T, (int)Math.Ceiling(ratio * s.H), (int)Math.Ceiling(ratio * s.W)), Whole(s))))
            : throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "The learnable ratio is above 0 and at most 1.");

    /// <summary>
    /// The grid with at most <paramref name="tokens"/> learnable tokens a temporal step whose aspect is nearest the picture's.
    /// </summary>
    /// <param name="spans">The media of the prompt.</param>
    /// <param name="tokens">The most learnable tokens of a temporal step, at least 1.</param>
    public static LearnableGrid OfTokens(IReadOnlyList<VisualSpan> spans, int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokens);
        return new(spans.Select(s => (Nearest(s, tokens), Whole(s))));
    }

    /// <summary>The number of learnable tokens, of all media and temporal steps.</summary>
    public int Count => (int)media.Sum(m => m.Own.Count);

    /// <summary>The offsets at the N visual tokens, [N, D], given the learnable tokens, [Count, D]; differentiable.</summary>
    public Tensor Upsample(Tensor tokens) =>
        media.All(m => m.Own == m.Full) ? tokens : GridResizer.Resize(tokens, media);

    private static MediumGrid Whole(VisualSpan span) => new(span.T, span.H, span.W);

    // For each number of rows the most columns that are allowed; of these grids the one whose log(rows / columns) is nearest
    // the picture's, and of several the one with the most tokens.
    private static MediumGrid Nearest(VisualSpan span, int tokens)
    {
        var best = Enumerable.Range(1, Math.Min(span.H, tokens))
            .Select(rows => (Rows: rows, Columns: Math.Min(span.W, tokens / rows)))
            .OrderBy(g => Math.Abs(Math.Log((double)g.Rows / g.Columns * span.W / span.H)))
            .ThenByDescending(g => g.Rows * g.Columns)
            .First();
        return new MediumGrid(span.T, best.Rows, best.Columns);
    }
}
