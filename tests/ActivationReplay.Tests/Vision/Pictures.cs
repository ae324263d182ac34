using System.Buffers.Binary;
using System.IO.Compression;
using ActivationReplay.Vision;

namespace ActivationReplay.Tests.Vision;

/// <summary>Small pictures, and encoders for what no encoder at hand writes: any depth, broken claims, odd frames.</summary>
internal static class Pictures
{
    public static RgbImage Constant(int width, int height, byte red, byte green, byte blue)
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < pixels.Length; i += 3)
        {
            (pixels[i], pixels[i + 1], pixels[i + 2]) = (red, green, blue);
        }

        return new RgbImage(width, height, pixels);
    }

    /// <summary>A picture given by a formula, so that another program can make the same one.</summary>
    public static RgbImage Formula(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0u; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(unchecked((i * i * 7) + (i * 13)) >> 4);
        }

        return new RgbImage(width, height, pixels);
    }

    /// <summary>A PNG of the given rows, each filtered by nothing.</summary>
    public static MediaFile Png(int width, int height, byte depth, byte type, byte[] rows, params byte[][] extraChunks)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var stride = rows.Length / height;
            for (var y = 0; y < height; y++)
            {
                zlib.Write([0, .. rows.AsSpan(y * stride, stride)]);
            }
        }

        return MediaFile.FromBytes("made.png", (byte[])[
            .. PngHeader(width, height, depth, type), .. extraChunks.SelectMany(chunk => chunk),
            .. Chunk("IDAT"u8, packed.ToArray()), .. Chunk("IEND"u8, [])]);
    }

    public static byte[] PngHeader(int width, int height, byte depth = 8, byte type = 2) =>
        [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Chunk("IHDR"u8, [.. BigEndian(width), .. BigEndian(height), depth, type, 0, 0, 0])];

    public static byte[] Chunk(ReadOnlySpan<byte> name, byte[] data)
    {
        byte[] body = [.. name, .. data];
        return [.. BigEndian(data.Length), .. body, .. BigEndian((int)ActivationReplay.Vision.Png.Crc(body))];
    }

    /// <summary>A GIF with a palette of 256 colours and one frame, its pixels written without compression.</summary>
    public static MediaFile Gif(
        (int Width, int Height) screen,
        (int Left, int Top, int Width, int Height) frame,
        byte[] indices,
        byte[] palette,
        byte? transparent = null)
    {
        byte[] control = transparent is { } index ? [0x21, 0xF9, 4, 1, 0, 0, index, 0] : [];
        return MediaFile.FromBytes("made.gif", (byte[])[
            .. "GIF89a"u8, .. Word(screen.Width), .. Word(screen.Height), 0xF7, 0, 0, .. palette, .. control,
            0x2C, .. Word(frame.Left), .. Word(frame.Top), .. Word(frame.Width), .. Word(frame.Height), 0,
            .. Uncompressed(indices), 0x3B]);
    }

    /// <summary>A BMP with a header of 40 bytes.</summary>
    public static MediaFile Bmp(int width, int height, ushort bits, byte[] palette, byte[] data, int compression = 0)
    {
        var offset = 54 + palette.Length;
        return MediaFile.FromBytes("made.bmp", (byte[])[
            .. "BM"u8, .. LittleEndian(offset + data.Length), 0, 0, 0, 0, .. LittleEndian(offset),
            .. LittleEndian(40), .. LittleEndian(width), .. LittleEndian(height), 1, 0, .. Word(bits), .. LittleEndian(compression),
            .. LittleEndian(data.Length), .. new byte[16], .. palette, .. data]);
    }

    // LZW that never uses its table: nine bits a pixel, the table cleared before it grows.
    private static byte[] Uncompressed(byte[] indices)
    {
        var codes = indices.SelectMany((value, i) => i % 200 == 0 ? (int[])[256, value] : [value]).Append(257).ToArray();
        var bits = new byte[((codes.Length * 9) + 7) / 8];
        for (var i = 0; i < codes.Length * 9; i++)
        {
            bits[i / 8] |= (byte)(((codes[i / 9] >> (i % 9)) & 1) << (i % 8));
        }

        return [8, .. bits.Chunk(255).SelectMany(block => (byte[])[(byte)block.Length, .. block]), 0];
    }

    private static byte[] Word(int value) => [(byte)value, (byte)(value >> 8)];

    private static byte[] LittleEndian(int value) => [.. BigEndian(value).Reverse()];

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
