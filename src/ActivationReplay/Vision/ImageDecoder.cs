namespace ActivationReplay.Vision;

/// <summary>
/// Decodes PNG, JPEG, WebP, GIF (its first frame) and BMP to the bytes that Pillow 13 gives after the conversion that
/// Qwen's processor does: pictures with alpha (Pillow's mode RGBA) are laid on white, everything else is converted to
/// RGB, which drops the transparency of palettes, of single colours and of grey. Rotation by EXIF, colour
/// management and gamma are not applied. SkiaSharp decodes; where Pillow differs, the classes of this folder do what Pillow does.
/// </summary>
public static class ImageDecoder
{
    /// <summary>Most pixels decoded by default: over it Pillow, too, refuses a decompression bomb.</summary>
    public const long DefaultPixelLimit = 2L * (1024 * 1024 * 1024 / 4 / 3);

    /// <summary>Decodes one picture.</summary>
    /// <param name="file">The encoded picture. Its content decides the format, not its name.</param>
    /// <param name="pixelLimit">Most pixels the header may claim; checked before anything is decoded.</param>
    /// <exception cref="MediaException">
    /// The file cannot be read, is of another format, corrupt or cut short, or over the limit.
    /// </exception>
    public static RgbImage Decode(MediaFile file, long pixelLimit = DefaultPixelLimit)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pixelLimit);
        if (file.Pixels is { } decoded)
        {
            new PixelLimit(file.Name, pixelLimit).Check(decoded.Width, decoded.Height);
            return decoded;
        }

        var bytes = file.Read();
        var limits = new PixelLimit(file.Name, pixelLimit);
        return ImageHeader.FormatOf(bytes.Span) switch
        {
            ImageFormat.Png => Png.Decode(bytes, limits),
            ImageFormat.Gif => Gif.Decode(bytes, limits),
            ImageFormat.Bmp => Bmp.Decode(bytes, limits),
            ImageFormat.Jpeg => Convert(bytes, limits, ColourRules.DropAlpha),
            ImageFormat.WebP => Convert(bytes, limits, ColourRules.LayOnWhite),
            _ => throw new MediaException(file.Name, "is not a PNG, JPEG, WebP, GIF or BMP picture."),
        };
    }

    internal static RgbImage Convert(ReadOnlyMemory<byte> encoded, PixelLimit limits, ColourRule rule)
    {
        using var picture = SkiaPixels.Decode(encoded.Span, limits);
        var rgb = new byte[(long)picture.Width * picture.Height * RgbImage.Channels];
        rule(picture.Rgba, rgb);
        return new RgbImage(picture.Width, picture.Height, rgb);
    }
}
