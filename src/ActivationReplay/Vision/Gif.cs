using System.Buffers.Binary;

namespace ActivationReplay.Vision;

/// <summary>
/// GIF: the first frame in the colours of its palette. Skia leaves transparent pixels, and those around a frame that
/// is smaller than the screen, without a colour; Pillow gives them one. So the frame is decoded to palette indices
/// (Skia reads it with a palette in which index i is grey i) and coloured here.
/// </summary>
internal static class Gif
{
    private const byte Extension = 0x21;
    private const byte GraphicControl = 0xF9;
    private const byte Frame = 0x2C;
    private const byte End = 0x3B;
    private const byte HasPalette = 0x80;
    private const byte Interlaced = 0x40;

    // What Pillow takes where the file has no palette.
    private static byte[] Greys { get; } =
        [.. Enumerable.Range(0, 256).SelectMany(i => Enumerable.Repeat((byte)i, RgbImage.Channels))];

    /// <exception cref="MediaException">The picture is corrupt, cut short or over the limit.</exception>
    public static RgbImage Decode(ReadOnlyMemory<byte> encoded, PixelLimit limits)
    {
        var blocks = new Blocks(encoded.Span, limits.Name);
        var screen = blocks.Take(13); // signature, width, height, flags, background, aspect
        var palette = blocks.TakePalette(screen[10]);
        var around = 0; // the index of what no frame covers, unless one is transparent
        var kind = blocks.Take(1)[0];
        for (; kind == Extension; kind = blocks.Take(1)[0])
        {
            var isControl = blocks.Take(1)[0] == GraphicControl;
            var control = blocks.TakeData();
            around = isControl && control.Length > 4 && (control[1] & 1) != 0 ? control[4] : around;
        }

        if (kind != Frame)
        {
            throw new MediaException(limits.Name, "is a GIF without a frame.");
        }

        var frame = blocks.Take(9); // left, top, width, height, flags
        var (left, top, width, height) = (Word(frame), Word(frame[2..]), Word(frame[4..]), Word(frame[6..]));
        palette = blocks.TakePalette(frame[8]) ?? palette ?? Greys;

        // Pillow enlarges a screen that is too small for its frame.
        var (screenWidth, screenHeight) = (Word(screen[6..]), Word(screen[8..]));
        var canvas = (Width: Math.Max(screenWidth, left + width), Height: Math.Max(screenHeight, top + height));
        limits.Check(width, height);
        limits.Check(canvas.Width, canvas.Height);
        byte[] alone =
        [
            .. "GIF87a"u8, .. frame[4..8], 0xF7, 0, 0, .. Greys,
            Frame, 0, 0, 0, 0, .. frame[4..8], (byte)(frame[8] & Interlaced),
            .. blocks.Take(1), .. blocks.TakeData(), End,
        ];
        using var indices = SkiaPixels.Decode(alone, limits);
        return new RgbImage(canvas.Width, canvas.Height, Colour(indices, palette, canvas, left, top, around));
    }

    private static byte[] Colour(
        SkiaPixels indices, ReadOnlySpan<byte> palette, (int Width, int Height) canvas, int left, int top, int around)
    {
        var rgb = new byte[(long)canvas.Width * canvas.Height * RgbImage.Channels];
        for (int y = 0, o = 0; y < canvas.Height; y++)
        {
            for (var x = 0; x < canvas.Width; x++, o += RgbImage.Channels)
            {
                var (column, row) = (x - left, y - top);
                var covered = column >= 0 && column < indices.Width && row >= 0 && row < indices.Height;
                var index = covered ? indices.Rgba[((row * indices.Width) + column) * SkiaPixels.Channels] : around;
                palette.Slice(index * RgbImage.Channels, RgbImage.Channels).CopyTo(rgb.AsSpan(o));
            }
        }

        return rgb;
    }

    private static int Word(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    // Reads a GIF from front to back.
    private ref struct Blocks(ReadOnlySpan<byte> bytes, string name)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public ReadOnlySpan<byte> Take(int count)
        {
            if (count > _rest.Length)
            {
                throw new MediaException(name, "is cut short: there is no whole frame in this GIF.");
            }

            var taken = _rest[..count];
            _rest = _rest[count..];
            return taken;
        }

        // Blocks with their lengths before them, the empty one that ends them included.
        public ReadOnlySpan<byte> TakeData()
        {
            var start = _rest;
            for (var length = Take(1)[0]; length != 0; length = Take(1)[0])
            {
                Take(length);
            }

            return start[..^_rest.Length];
        }

        public byte[]? TakePalette(byte flags)
        {
            if ((flags & HasPalette) == 0)
            {
                return null;
            }

            var given = Take(RgbImage.Channels << ((flags & 7) + 1));
            return [.. given, .. new byte[Greys.Length - given.Length]]; // indices behind its end are black
        }
    }
}
