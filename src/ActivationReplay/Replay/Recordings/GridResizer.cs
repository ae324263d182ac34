using static TorchSharp.torch;

namespace ActivationReplay.Replay.Recordings;

/// <summary>Resizes values on the grids of visual tokens.</summary>
internal static class GridResizer
{
    /// <summary>Resizes bilinearly (corners not aligned), each temporal step of each medium separately.</summary>
    /// <param name="rows">The values of all media in turn, row-major, [Σ T·fromH·fromW, D]; differentiable.</param>
    /// <param name="media">For each medium its temporal steps, and its grid's rows and columns before and after.</param>
    /// <returns>The resized values, [Σ T·toH·toW, D].</returns>
    public static Tensor Resize(Tensor rows, IReadOnlyList<(int T, int FromH, int FromW, int ToH, int ToW)> media)
    {
        var width = rows.shape[1];
        var start = 0L;
        var parts = new List<Tensor>();
        foreach (var (t, fromH, fromW, toH, toW) in media)
        {
            var count = (long)t * fromH * fromW;
            var grid = rows.narrow(0, start, count).view(t, fromH, fromW, width).permute(0, 3, 1, 2);
            var full = nn.functional.interpolate(grid, [toH, toW], mode: InterpolationMode.Bilinear, align_corners: false);
            parts.Add(full.permute(0, 2, 3, 1).reshape((long)t * toH * toW, width));
            start += count;
        }

        return parts.Count == 1 ? parts[0] : cat(parts, 0);
    }
}
