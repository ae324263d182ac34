namespace ActivationReplay.Vision;

/// <summary>A decoded picture: 8 bits a channel, red, green, blue, rows from the top.</summary>
public sealed class RgbImage
{
    /// <summary>Bytes a pixel takes.</summary>
    public const int Channels = 3;

    private readonly byte[] _pixels;

    /// <summary>Takes over <paramref name="pixels"/> (<c>[H, W, 3]</c>, row-major) without copying it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive.</exception>
    /// <exception cref="ArgumentException">The array has another length than height × width × 3.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.LongLength != (long)width * height * Channels)
        {
            throw new ArgumentException(
                $"{pixels.LongLength} bytes are not a picture of {width}×{height}×{Channels}.", nameof(pixels));
        }

        Width = width;
        Height = height;
        _pixels = pixels;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The bytes, <c>[H, W, 3]</c>, row-major.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels;

    /// <summary>The bytes of one row, <c>[W, 3]</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public ReadOnlySpan<byte> Row(int y) => _pixels.AsSpan(checked(y * Width * Channels), Width * Channels);

    /// <summary>A copy of a rectangle of the picture.</summary>
    /// <param name="left">Its first column.</param>
    /// <param name="top">Its first row.</param>
    /// <param name="width">Pixels in a row of it.</param>
    /// <param name="height">Rows of it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive, or the rectangle leaves the picture.</exception>
    public RgbImage Part(int left, int top, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, Width - left);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, Height - top);
        var part = new byte[(long)width * height * Channels];
        for (var y = 0; y < height; y++)
        {
            Row(top + y).Slice(left * Channels, width * Channels).CopyTo(part.AsSpan(y * width * Channels));
        }

        return new RgbImage(width, height, part);
    }
}
