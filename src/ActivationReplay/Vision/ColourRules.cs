using System.Runtime.Intrinsics;

namespace ActivationReplay.Vision;

/// <summary>Turns pixels of four bytes into pixels of three.</summary>
internal delegate void ColourRule(ReadOnlySpan<byte> rgba, Span<byte> rgb);

/// <summary>The conversions to RGB that Pillow does.</summary>
internal static class ColourRules
{
    private const int VectorBytes = 16;
    private const int VectorPixels = VectorBytes / SkiaPixels.Channels;

    private static Vector128<byte> WithoutAlpha => Vector128.Create(
        (byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);

    /// <summary>Mode RGB, L, LA, P or CMYK to RGB: the colour stays, the alpha goes.</summary>
    public static void DropAlpha(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        int i = 0, o = 0;
        for (; o + VectorBytes <= rgb.Length; i += VectorBytes, o += VectorPixels * RgbImage.Channels)
        {
            Vector128.Shuffle(Vector128.Create(rgba[i..]), WithoutAlpha).CopyTo(rgb[o..]);
        }

        for (; o < rgb.Length; i += SkiaPixels.Channels, o += RgbImage.Channels)
        {
            rgba.Slice(i, RgbImage.Channels).CopyTo(rgb[o..]);
        }
    }

    /// <summary>Mode RGBA pasted on white with its own alpha as mask; opaque pixels stay as they are.</summary>
    public static void LayOnWhite(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        for (int i = 0, o = 0; o < rgb.Length; i += SkiaPixels.Channels, o += RgbImage.Channels)
        {
            var alpha = rgba[i + 3];
            rgb[o] = Blend(rgba[i], 255, alpha);
            rgb[o + 1] = Blend(rgba[i + 1], 255, alpha);
            rgb[o + 2] = Blend(rgba[i + 2], 255, alpha);
        }
    }

    /// <summary>
    /// 16-bit grey (mode I;16) to RGB, from its high byte as colour and its low byte as alpha: Pillow clips the number
    /// at 255, so that all but the darkest greys are white.
    /// </summary>
    public static void ClipSixteenBits(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        for (int i = 0, o = 0; o < rgb.Length; i += SkiaPixels.Channels, o += RgbImage.Channels)
        {
            rgb.Slice(o, RgbImage.Channels).Fill(rgba[i] != 0 ? (byte)255 : rgba[i + 3]);
        }
    }

    /// <summary>One colour where a run-length-encoded picture leaves pixels out (Skia: transparent).</summary>
    public static ColourRule FillLeftOut(byte red, byte green, byte blue) => (rgba, rgb) =>
    {
        DropAlpha(rgba, rgb);
        for (int i = 0, o = 0; o < rgb.Length; i += SkiaPixels.Channels, o += RgbImage.Channels)
        {
            if (rgba[i + 3] == 0)
            {
                (rgb[o], rgb[o + 1], rgb[o + 2]) = (red, green, blue);
            }
        }
    };

    // Pillow's BLEND: over + (colour - over)·alpha/255, rounded, in integers.
    private static byte Blend(int colour, int over, int alpha)
    {
        var sum = (colour * alpha) + (over * (255 - alpha)) + 128;
        return (byte)(((sum >> 8) + sum) >> 8);
    }
}
