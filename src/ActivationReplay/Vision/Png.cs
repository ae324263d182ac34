using System.Buffers.Binary;

namespace ActivationReplay.Vision;

/// <summary>PNG: what its header says about the mode that Pillow opens it in, which Skia does not tell.</summary>
internal static class Png
{
    private const byte Grey = 0;
    private const byte GreyAlpha = 4;
    private const byte Rgba = 6;

    // 8 bytes of signature, then the header chunk: length, name, width, height, depth, type, three bytes, checksum.
    private const int Chunk = 8;
    private const int Width = Chunk + 8;
    private const int Height = Width + 4;
    private const int Depth = Height + 4;
    private const int Type = Depth + 1;
    private const int Checksum = Type + 4;

    /// <exception cref="MediaException">The picture is corrupt, cut short or over the limit.</exception>
    public static RgbImage Decode(ReadOnlyMemory<byte> encoded, PixelLimit limits)
    {
        var bytes = encoded.Span;
        if (bytes.Length < Checksum + 4 || !bytes[(Chunk + 4)..].StartsWith("IHDR"u8))
        {
            throw new MediaException(limits.Name, "has a damaged PNG header.");
        }

        var width = BinaryPrimitives.ReadUInt32BigEndian(bytes[Width..]);
        var height = BinaryPrimitives.ReadUInt32BigEndian(bytes[Height..]);
        limits.Check(width, height);
        var sixteen = bytes[Depth] == 16;
        return (bytes[Type], sixteen) switch
        {
            (Grey, true) => ImageDecoder.Convert(AsGreyAlpha(bytes), limits, ColourRules.ClipSixteenBits),

            // Pillow has no 16-bit mode for grey with alpha: it opens it as RGBA, unlike the 8-bit one.
            (Rgba, _) or (GreyAlpha, true) => ImageDecoder.Convert(encoded, limits, ColourRules.LayOnWhite),
            _ => ImageDecoder.Convert(encoded, limits, ColourRules.DropAlpha),
        };
    }

    // Skia rounds 16-bit grey to its high byte. Two bytes of grey lie in the file as one of grey and one of alpha do
    // (PNG 9.2: filters work on bytes), so that under the other header both come out whole.
    private static byte[] AsGreyAlpha(ReadOnlySpan<byte> bytes)
    {
        var copy = bytes.ToArray();
        copy[Depth] = 8;
        copy[Type] = GreyAlpha;
        BinaryPrimitives.WriteUInt32BigEndian(copy.AsSpan(Checksum), Crc(copy.AsSpan((Chunk + 4)..Checksum)));
        return copy;
    }

    /// <summary>The checksum of a chunk (PNG, annex D). It is for a few bytes: no table.</summary>
    internal static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
