using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace ActivationReplay.Ablations.Reports;

/// <summary>
/// PNG with a table of at most 256 colours, a third of the size of three bytes a pixel: plots are a few colours and the shades
/// of their edges.
/// </summary>
/// <remarks>The format is the PNG specification's (W3C, third edition), colour type 3, depth 8, no filter.</remarks>
internal static class IndexedPng
{
    private const int MostColours = 256;
    private static readonly byte[] s_signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];
    private static readonly uint[] s_crc = [.. Enumerable.Range(0, 256).Select(n => Crc((uint)n))];

    /// <summary>
    /// Encodes a picture. Its colours are kept where there are at most 256; else the most frequent and the most distant are, and
    /// the others become the nearest of them.
    /// </summary>
    /// <param name="width">Pixels a row.</param>
    /// <param name="pixels">0xAARRGGBB, opaque, [H·W], rows from the top.</param>
    public static byte[] Encode(int width, ReadOnlySpan<uint> pixels)
    {
        var (palette, indices) = Choose(pixels);
        var height = pixels.Length / width;
        using var png = new MemoryStream();
        png.Write(s_signature);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 3);
        Chunk(png, "IHDR", header);
        Chunk(png, "PLTE", [.. palette.SelectMany(c => new[] { (byte)(c >> 16), (byte)(c >> 8), (byte)c })]);
        Chunk(png, "IDAT", Deflate(width, height, pixels, indices));
        Chunk(png, "IEND", []);
        return png.ToArray();
    }

    // Greedily: next is the colour whose pixels lie furthest, in all, from the colours that are chosen.
    private static (List<uint> Palette, Dictionary<uint, byte> Indices) Choose(ReadOnlySpan<uint> pixels)
    {
        var counts = new Dictionary<uint, int>();
        foreach (var pixel in pixels)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, pixel, out _)++;
        }

        (uint Colour, int Count)[] colours = [.. counts.Select(c => (c.Key, c.Value)).OrderByDescending(c => c.Value).ThenBy(c => c.Key)];
        var (nearest, distances) = (new byte[colours.Length], new long[colours.Length]);
        Array.Fill(distances, long.MaxValue);
        var palette = new List<uint>();
        for (var next = 0; palette.Count < Math.Min(MostColours, colours.Length);)
        {
            palette.Add(colours[next].Colour);
            for (var i = 0; i < colours.Length; i++)
            {
                var distance = Distance(colours[i].Colour, palette[^1]);
                if (distance < distances[i])
                {
                    (distances[i], nearest[i]) = (distance, (byte)(palette.Count - 1));
                }
            }

            next = Enumerable.Range(0, colours.Length).MaxBy(i => distances[i] * colours[i].Count);
        }

        return (palette, colours.Index().ToDictionary(c => c.Item.Colour, c => nearest[c.Index]));
    }

    private static long Distance(uint a, uint b)
    {
        var (red, green, blue) = ((int)(a >> 16) - (int)(b >> 16), (int)(a >> 8 & 255) - (int)(b >> 8 & 255), (int)(a & 255) - (int)(b & 255));
        return (red * red) + (green * green) + (blue * blue);
    }

    private static byte[] Deflate(int width, int height, ReadOnlySpan<uint> pixels, Dictionary<uint, byte> indices)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var line = new byte[1 + width];
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    line[1 + x] = indices[pixels[(y * width) + x]];
                }

                zlib.Write(line);
            }
        }

        return packed.ToArray();
    }

    private static void Chunk(MemoryStream png, string type, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~body.Aggregate(uint.MaxValue, (crc, b) => s_crc[(byte)crc ^ b] ^ (crc >> 8)));
        png.Write(number);
    }

    // The specification's polynomial, for one byte.
    private static uint Crc(uint value)
    {
        for (var bit = 0; bit < 8; bit++)
        {
            value = (value & 1) == 1 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
        }

        return value;
    }
}
