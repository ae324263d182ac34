using System.Buffers;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace ActivationReplay.Vision;

/// <summary>
/// A picture as Skia decodes it: red, green, blue, alpha, not premultiplied, in the file's own orientation and colour
/// space. The buffer is rented: use it, then dispose it.
/// </summary>
internal sealed class SkiaPixels : IDisposable
{
    public const int Channels = 4;

    private readonly byte[] _buffer;

    private SkiaPixels(int width, int height)
    {
        Width = width;
        Height = height;
        _buffer = ArrayPool<byte>.Shared.Rent(width * height * Channels);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary><c>[H, W, 4]</c>, row-major.</summary>
    public ReadOnlySpan<byte> Rgba => _buffer.AsSpan(0, Width * Height * Channels);

    /// <summary>The sides that the header names.</summary>
    /// <exception cref="MediaException">The header is damaged.</exception>
    public static (int Width, int Height) SizeOf(ReadOnlySpan<byte> encoded, string name)
    {
        using var data = SKData.CreateCopy(encoded);
        using var codec = Open(data, encoded, name);
        return (codec.Info.Width, codec.Info.Height);
    }

    /// <exception cref="MediaException">The picture is corrupt, cut short or over the limit.</exception>
    public static SkiaPixels Decode(ReadOnlySpan<byte> encoded, PixelLimit limits)
    {
        using var data = SKData.CreateCopy(encoded);
        using var codec = Open(data, encoded, limits.Name);
        limits.Check(codec.Info.Width, codec.Info.Height);

        // Without a colour space in the request Skia converts between none: the file's numbers come out.
        var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        var pixels = new SkiaPixels(info.Width, info.Height);
        var result = pixels.Fill(codec, info);
        if (result == SKCodecResult.Success)
        {
            return pixels;
        }

        pixels.Dispose();
        throw new MediaException(limits.Name, result == SKCodecResult.IncompleteInput
            ? $"is cut short: {encoded.Length} bytes are not the whole {codec.EncodedFormat} picture."
            : $"is a corrupt {codec.EncodedFormat} picture ({result}).");
    }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private static SKCodec Open(SKData data, ReadOnlySpan<byte> encoded, string name) => SKCodec.Create(data)
        ?? throw new MediaException(name, $"has a damaged {ImageHeader.FormatOf(encoded)} header.");

    private SKCodecResult Fill(SKCodec codec, SKImageInfo info)
    {
        var pin = GCHandle.Alloc(_buffer, GCHandleType.Pinned);
        try
        {
            return codec.GetPixels(info, pin.AddrOfPinnedObject());
        }
        finally
        {
            pin.Free();
        }
    }
}
