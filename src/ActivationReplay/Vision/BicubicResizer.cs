using System.Runtime.Intrinsics;

namespace ActivationReplay.Vision;

/// <summary>
/// Bicubic resizing with antialiasing, byte for byte as Pillow 13 does it, whose pictures the models were trained on.
/// No library for .NET rounds as Pillow does (SkiaSharp and ImageSharp filter in other precisions), hence our own.
/// </summary>
public static class BicubicResizer
{
    private const int Half = 1 << (ResampleWeights.FractionBits - 1);

    // Below this many bytes of work the threads cost more than they save.
    private const long ParallelBytes = 1 << 20;

    /// <summary>Resizes a picture. A side that stays as it is costs nothing and changes nothing.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="height">New height in pixels.</param>
    /// <param name="width">New width in pixels.</param>
    /// <returns>A picture of the new size, or <paramref name="image"/> itself where both sides stay.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive.</exception>
    public static RgbImage Resize(RgbImage image, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);

        // The order shows in the bytes: each pass rounds and clips. Pillow 13 goes down first where the height loses
        // more than twice as many pixels as the width (#9549); before, it always went across first.
        var lostRows = image.Height - height;
        var downFirst = lostRows > 0 && lostRows > 2L * (image.Width - width);
        return downFirst
            ? ResizeWidth(ResizeHeight(image, height), width)
            : ResizeHeight(ResizeWidth(image, width), height);
    }

    private static RgbImage ResizeWidth(RgbImage image, int width)
    {
        if (width == image.Width)
        {
            return image;
        }

        var weights = new ResampleWeights(image.Width, width);
        var stride = width * RgbImage.Channels;
        var pixels = new byte[checked(stride * image.Height)];
        ForRows(image.Height, image.Pixels.Length, (from, to) =>
        {
            // Four bytes a pixel, so that one load takes a whole pixel and none reads past the row.
            var row = new uint[image.Width];
            for (var y = from; y < to; y++)
            {
                Widen(image.Row(y), row);
                ResizeRow(row, weights, pixels.AsSpan(y * stride, stride));
            }
        });
        return new RgbImage(width, image.Height, pixels);
    }

    private static void Widen(ReadOnlySpan<byte> rgb, Span<uint> row)
    {
        for (int x = 0, i = 0; x < row.Length; x++, i += RgbImage.Channels)
        {
            row[x] = rgb[i] | ((uint)rgb[i + 1] << 8) | ((uint)rgb[i + 2] << 16);
        }
    }

    private static void ResizeRow(ReadOnlySpan<uint> row, ResampleWeights weights, Span<byte> output)
    {
        for (int x = 0, i = 0; i < output.Length; x++, i += RgbImage.Channels)
        {
            var window = weights.Of(x);
            var source = row.Slice(weights.Start(x), window.Length);
            var sum = Vector128.Create(Half);
            for (var k = 0; k < window.Length; k++)
            {
                var bytes = Vector128.WidenLower(Vector128.CreateScalarUnsafe(source[k]).AsByte());
                sum += Vector128.WidenLower(bytes).AsInt32() * window[k];
            }

            sum = Vector128.Clamp(sum >> ResampleWeights.FractionBits, Vector128<int>.Zero, Vector128.Create(255));
            output[i] = (byte)sum[0];
            output[i + 1] = (byte)sum[1];
            output[i + 2] = (byte)sum[2];
        }
    }

    private static RgbImage ResizeHeight(RgbImage image, int height)
    {
        if (height == image.Height)
        {
            return image;
        }

        var weights = new ResampleWeights(image.Height, height);
        var stride = image.Width * RgbImage.Channels;
        var pixels = new byte[checked(stride * height)];
        ForRows(height, image.Pixels.Length, (from, to) =>
        {
            for (var y = from; y < to; y++)
            {
                var source = image.Pixels[(weights.Start(y) * stride)..];
                ResizeColumns(source, weights.Of(y), pixels.AsSpan(y * stride, stride));
            }
        });
        return new RgbImage(image.Width, height, pixels);
    }

    // One output row: the weighted sum of the rows of its window. source starts at the first of them.
    private static void ResizeColumns(ReadOnlySpan<byte> source, ReadOnlySpan<int> window, Span<byte> output)
    {
        var stride = output.Length;
        var x = 0;
        for (; x + Vector128<byte>.Count <= stride; x += Vector128<byte>.Count)
        {
            var a = Vector128.Create(Half);
            var (b, c, d) = (a, a, a);
            for (var k = 0; k < window.Length; k++)
            {
                var (lower, upper) = Vector128.Widen(Vector128.Create(source[((k * stride) + x)..]));
                a += Vector128.WidenLower(lower).AsInt32() * window[k];
                b += Vector128.WidenUpper(lower).AsInt32() * window[k];
                c += Vector128.WidenLower(upper).AsInt32() * window[k];
                d += Vector128.WidenUpper(upper).AsInt32() * window[k];
            }

            Vector128.Narrow(Narrow(a, b), Narrow(c, d)).CopyTo(output[x..]);
        }

        for (; x < stride; x++)
        {
            var sum = Half;
            for (var k = 0; k < window.Length; k++)
            {
                sum += source[(k * stride) + x] * window[k];
            }

            output[x] = (byte)Math.Clamp(sum >> ResampleWeights.FractionBits, 0, 255);
        }
    }

    private static Vector128<ushort> Narrow(Vector128<int> a, Vector128<int> b)
    {
        var top = Vector128.Create(255);
        return Vector128.Narrow(
            Vector128.Clamp(a >> ResampleWeights.FractionBits, Vector128<int>.Zero, top).AsUInt32(),
            Vector128.Clamp(b >> ResampleWeights.FractionBits, Vector128<int>.Zero, top).AsUInt32());
    }

    private static void ForRows(int rows, long bytes, Action<int, int> work)
    {
        var parts = bytes < ParallelBytes ? 1 : Math.Min(rows, Environment.ProcessorCount);
        if (parts == 1)
        {
            work(0, rows);
            return;
        }

        Parallel.For(0, parts, i => work((int)((long)rows * i / parts), (int)((long)rows * (i + 1) / parts)));
    }
}
