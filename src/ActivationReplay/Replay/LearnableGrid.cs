using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay;

/// <summary>
/// Where δ lives: ⌈r·h⌉ × ⌈r·w⌉ cells for each temporal step of each medium, row-major in prompt order, upsampled
/// bilinearly (corners not aligned) to the visual tokens.
/// </summary>
public sealed class LearnableGrid
{
    private readonly IReadOnlyList<(VisualSpan Span, int Rows, int Columns)> media;

    private LearnableGrid(IReadOnlyList<(VisualSpan Span, int Rows, int Columns)> media) => this.media = media;

    /// <summary>A grid of ratio <paramref name="ratio"/> in (0, 1] of each medium's side lengths.</summary>
    public static LearnableGrid OfRatio(IReadOnlyList<VisualSpan> spans, double ratio) =>
        ratio is > 0 and <= 1
            ? new([.. spans.Select(s => (s, (int)Math.Ceiling(ratio * s.H), (int)Math.Ceiling(ratio * s.W)))])
            : throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "The learnable ratio is above 0 and at most 1.");

    /// <summary>Number of learnable tokens.</summary>
    public int Count => media.Sum(m => m.Span.T * m.Rows * m.Columns);

    /// <summary>Offsets at the visual tokens, [N, D], of the cells [Count, D]; differentiable.</summary>
    public Tensor Upsample(Tensor cells)
    {
        if (media.All(m => m.Rows == m.Span.H && m.Columns == m.Span.W))
        {
            return cells;
        }

        var width = cells.shape[1];
        var start = 0L;
        var parts = new List<Tensor>();
        foreach (var (span, rows, columns) in media)
        {
            var count = (long)span.T * rows * columns;
            var grid = cells.narrow(0, start, count).view(span.T, rows, columns, width).permute(0, 3, 1, 2);
            var full = nn.functional.interpolate(grid, [span.H, span.W], mode: InterpolationMode.Bilinear, align_corners: false);
            parts.Add(full.permute(0, 2, 3, 1).reshape(span.Count, width));
            start += count;
        }

        return parts.Count == 1 ? parts[0] : cat(parts, 0);
    }
}
