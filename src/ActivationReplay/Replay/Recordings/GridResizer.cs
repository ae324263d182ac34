using static TorchSharp.torch;

namespace ActivationReplay.Replay.Recordings;

/// <summary>A medium's temporal steps, and the rows and columns of each.</summary>
internal readonly record struct MediumGrid(int T, int H, int W)
{
    /// <summary>Its cells.</summary>
    public long Count => (long)T * H * W;
}

/// <summary>Resizes values on the grids of visual tokens.</summary>
internal static class GridResizer
{
    /// <summary>Resizes bilinearly (corners not aligned), and where the temporal steps change, linearly in time as well.</summary>
    /// <param name="rows">The values of all media in turn, row-major, [Σ T·H·W, D] before; differentiable.</param>
    /// <param name="media">For each medium its grid of temporal steps, rows and columns before and after.</param>
    /// <returns>The resized values, [Σ T·H·W, D] after.</returns>
    public static Tensor Resize(Tensor rows, IReadOnlyList<(MediumGrid From, MediumGrid To)> media)
    {
        var width = rows.shape[1];
        var start = 0L;
        var parts = new List<Tensor>();
        foreach (var (from, to) in media)
        {
            var grid = InTime(rows.narrow(0, start, from.Count), from, to.T).view(to.T, from.H, from.W, width).permute(0, 3, 1, 2);
            var full = nn.functional.interpolate(grid, [to.H, to.W], mode: InterpolationMode.Bilinear, align_corners: false);
            parts.Add(full.permute(0, 2, 3, 1).reshape(to.Count, width));
            start += from.Count;
        }

        return parts.Count == 1 ? parts[0] : cat(parts, 0);
    }

    private static Tensor InTime(Tensor rows, MediumGrid from, int steps)
    {
        if (from.T == steps)
        {
            return rows;
        }

        var series = rows.reshape(from.T, -1).t().unsqueeze(0); // [1, H·W·D, T]
        return nn.functional.interpolate(series, [steps], mode: InterpolationMode.Linear, align_corners: false).squeeze(0).t().contiguous();
    }
}
