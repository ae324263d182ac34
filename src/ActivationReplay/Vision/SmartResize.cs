namespace ActivationReplay.Vision;

/// <summary>
/// The size that a picture is given before it is cut into patches: sides divisible by a factor, area within limits,
/// aspect kept as far as that allows. The arithmetic is <c>smart_resize</c> of transformers 4.57.
/// </summary>
public static class SmartResize
{
    /// <summary>The most that the longer side of a picture may be of the shorter.</summary>
    public const double MaxAspectRatio = 200;

    /// <summary>Computes the new height and width in pixels.</summary>
    /// <param name="height">Height of the picture in pixels.</param>
    /// <param name="width">Width of the picture in pixels.</param>
    /// <param name="factor">What both new sides are divisible by: patch size × merge size, 28 in Qwen2.5-VL.</param>
    /// <param name="minPixels">Smaller areas are enlarged to at least this.</param>
    /// <param name="maxPixels">Larger areas are shrunk to at most this, though no side below the factor.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side, the factor or a limit is not positive.</exception>
    /// <exception cref="MediaException">The aspect ratio is over 200.</exception>
    /// <exception cref="OverflowException">The limits ask for a side of 2³¹ pixels or more.</exception>
    public static (int Height, int Width) Compute(int height, int width, int factor, long minPixels, long maxPixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(factor);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(minPixels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxPixels);
        if (Math.Max(height, width) / (double)Math.Min(height, width) > MaxAspectRatio)
        {
            throw new MediaException(
                $"picture of {width}×{height}", $"its aspect ratio is over {MaxAspectRatio}, the most it takes.");
        }

        // Python's round: halves to even.
        var newHeight = Math.Round(height / (double)factor, MidpointRounding.ToEven) * factor;
        var newWidth = Math.Round(width / (double)factor, MidpointRounding.ToEven) * factor;
        var area = (double)height * width;
        if (newHeight * newWidth > maxPixels)
        {
            var beta = Math.Sqrt(area / maxPixels);
            newHeight = Math.Max(factor, Math.Floor(height / beta / factor) * factor);
            newWidth = Math.Max(factor, Math.Floor(width / beta / factor) * factor);
        }
        else if (newHeight * newWidth < minPixels)
        {
            var beta = Math.Sqrt(minPixels / area);
            newHeight = Math.Ceiling(height * beta / factor) * factor;
            newWidth = Math.Ceiling(width * beta / factor) * factor;
        }

        return (checked((int)newHeight), checked((int)newWidth));
    }
}
