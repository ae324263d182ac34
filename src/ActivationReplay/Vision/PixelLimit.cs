namespace ActivationReplay.Vision;

/// <summary>The guard against decompression bombs: a few bytes of file that claim gigabytes of pixels.</summary>
internal sealed record PixelLimit(string Name, long Pixels)
{
    /// <exception cref="MediaException">The size is nothing, or over the limit.</exception>
    public void Check(long width, long height)
    {
        if (width <= 0 || height <= 0)
        {
            throw new MediaException(Name, $"claims a size of {width}×{height}; both sides must be at least 1.");
        }

        // Arrays end before 2³¹ bytes, whatever the caller allows.
        var most = Math.Min(Pixels, Array.MaxLength / SkiaPixels.Channels);
        if (width > most / height)
        {
            throw new MediaException(Name, $"claims {width}×{height} pixels; the limit is {most}.");
        }
    }
}
