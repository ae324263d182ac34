using System.Buffers.Binary;

namespace ActivationReplay.Vision;

/// <summary>BMP: alpha where the header has a mask for it, Pillow's rounding of 16-bit colours.</summary>
internal static class Bmp
{
    private const int Information = 14; // where the second header, which begins with its size, lies
    private const int SmallestHeader = 12;
    private const int UsualHeader = 40;
    private const uint RunLength8 = 1;
    private const uint RunLength4 = 2;
    private const uint BitFields = 3;

    /// <exception cref="MediaException">The picture is corrupt, cut short or over the limit.</exception>
    public static RgbImage Decode(ReadOnlyMemory<byte> encoded, PixelLimit limits)
    {
        var bytes = encoded.Span;
        if (bytes.Length < Information + SmallestHeader)
        {
            throw new MediaException(limits.Name, "has a damaged BMP header.");
        }

        var header = bytes[Information..];
        var size = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (size < UsualHeader || header.Length < UsualHeader)
        {
            return ImageDecoder.Convert(encoded, limits, ColourRules.DropAlpha);
        }

        var bits = BinaryPrimitives.ReadUInt16LittleEndian(header[14..]);
        var compression = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
        var masks = compression == BitFields;
        var rule = bits switch
        {
            // Plain 32-bit pixels have a spare byte, not an alpha.
            32 when masks && size > UsualHeader + 12 => AlphaRule(header, size, limits),
            16 => SixteenBits(greenBits: masks && GreenHasSixBits(header) ? 6 : 5),
            4 or 8 when compression is RunLength8 or RunLength4 => FillWithFirstColour(header, size),
            _ => ColourRules.DropAlpha,
        };
        return ImageDecoder.Convert(encoded, limits, rule);
    }

    // The palette (blue, green, red, 0) lies behind the header.
    private static ColourRule FillWithFirstColour(ReadOnlySpan<byte> header, uint size) =>
        size + 4 > header.Length
            ? ColourRules.DropAlpha
            : ColourRules.FillLeftOut(header[(int)size + 2], header[(int)size + 1], header[(int)size]);

    private static ColourRule AlphaRule(ReadOnlySpan<byte> header, uint size, PixelLimit limits)
    {
        const int AlphaMask = UsualHeader + 12;
        if (header.Length < AlphaMask + 4 || BinaryPrimitives.ReadUInt32LittleEndian(header[AlphaMask..]) == 0)
        {
            return ColourRules.DropAlpha;
        }

        // Skia does not read the mask of the rare header of 56 bytes.
        return size >= 108 ? ColourRules.LayOnWhite : throw new MediaException(
            limits.Name, $"is a BMP with alpha under a header of {size} bytes; it must have 108 or 124, or be a PNG.");
    }

    private static bool GreenHasSixBits(ReadOnlySpan<byte> header) =>
        header.Length >= UsualHeader + 8
        && BinaryPrimitives.ReadUInt32LittleEndian(header[(UsualHeader + 4)..]) == 0x7E0;

    // Skia rounds 5 and 6 bits to 8, Pillow rounds down.
    private static ColourRule SixteenBits(int greenBits)
    {
        var (five, green) = (RoundDown(5), RoundDown(greenBits));
        return (rgba, rgb) =>
        {
            for (int i = 0, o = 0; i < rgba.Length; i += SkiaPixels.Channels, o += RgbImage.Channels)
            {
                rgb[o] = five[rgba[i]];
                rgb[o + 1] = green[rgba[i + 1]];
                rgb[o + 2] = five[rgba[i + 2]];
            }
        };
    }

    private static byte[] RoundDown(int bits)
    {
        var most = (1 << bits) - 1;
        return [.. Enumerable.Range(0, 256).Select(v => (byte)(((v * most) + 127) / 255 * 255 / most))];
    }
}
