using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;
using SkiaSharp;

namespace ActivationReplay.Tests.Vision;

/// <summary>What becomes of alpha, palettes and odd depths: Pillow's conversions, each on a picture made for it.</summary>
public sealed class ColourRuleTests
{
    private const byte Grey = 0;
    private const byte Rgb = 2;
    private const byte Palette = 3;
    private const byte GreyAlpha = 4;
    private const byte Rgba = 6;

    private static byte[] Colours { get; } = [.. Enumerable.Range(0, 768).Select(i => (byte)(i * 37))];

    [Test]
    public void Decode_OfRgba_LaysEveryAlphaOnWhite()
    {
        // 256 alphas across, some colours down.
        byte[] colours = [0, 1, 17, 127, 128, 200, 254, 255];
        byte[] rows =
        [
            .. colours.SelectMany(colour => Enumerable.Range(0, 256).SelectMany(alpha => (byte[])[colour, 9, 250, (byte)alpha])),
        ];

        var decoded = ImageDecoder.Decode(Pictures.Png(256, colours.Length, 8, Rgba, rows));

        decoded.Pixels.ToArray().Should().Equal(rows.Chunk(4).SelectMany(pixel => pixel[..3].Select(c => OnWhite(c, pixel[3]))));
    }

    [Test]
    public void Decode_OfWebPWithAlpha_LaysItOnWhite()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(7, 5, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (var i = 0; i < 35; i++)
        {
            bitmap.SetPixel(i % 7, i / 7, new SKColor((byte)(i * 7), 200, (byte)(255 - i), (byte)(i * 7)));
        }

        using var pixels = bitmap.PeekPixels();
        using var encoded = pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 100));

        var decoded = ImageDecoder.Decode(MediaFile.FromBytes("made.webp", encoded!.ToArray()));

        decoded.Pixels.ToArray().Should().Equal(bitmap.Pixels.SelectMany(
            c => (byte[])[OnWhite(c.Red, c.Alpha), OnWhite(c.Green, c.Alpha), OnWhite(c.Blue, c.Alpha)]));
    }

    [Test]
    public void Decode_OfGreyWithAlpha_DropsTheAlpha()
    {
        byte[] rows = [.. Enumerable.Range(0, 256).SelectMany(i => (byte[])[(byte)(i * 11), (byte)i])];

        var decoded = ImageDecoder.Decode(Pictures.Png(16, 16, 8, GreyAlpha, rows));

        decoded.Pixels.ToArray().Should().Equal(rows.Chunk(2).SelectMany(pixel => Enumerable.Repeat(pixel[0], 3)));
    }

    [Test]
    public void Decode_OfPaletteWithTransparency_KeepsTheColours()
    {
        byte[] rows = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        byte[] alphas = [.. Enumerable.Range(0, 256).Select(i => (byte)(i * 3))];

        var decoded = ImageDecoder.Decode(Pictures.Png(
            16, 16, 8, Palette, rows, Pictures.Chunk("PLTE"u8, Colours), Pictures.Chunk("tRNS"u8, alphas)));

        decoded.Pixels.ToArray().Should().Equal(Colours);
    }

    [TestCase(Grey, new byte[] { 0, 40 })]
    [TestCase(Rgb, new byte[] { 0, 40, 0, 41, 0, 42 })]
    public void Decode_OfTransparentColour_KeepsTheColour(byte type, byte[] transparent)
    {
        byte[] rows = type == Grey ? [40, 41] : [40, 41, 42, 43, 44, 45];

        var decoded = ImageDecoder.Decode(Pictures.Png(2, 1, 8, type, rows, Pictures.Chunk("tRNS"u8, transparent)));

        decoded.Pixels.ToArray().Should().Equal(type == Grey ? [40, 40, 40, 41, 41, 41] : rows);
    }

    [Test]
    public void Decode_OfGamma_LeavesTheNumbers()
    {
        byte[] rows = [.. Enumerable.Range(0, 48).Select(i => (byte)(i * 5))];

        var decoded = ImageDecoder.Decode(Pictures.Png(4, 4, 8, Rgb, rows, Pictures.Chunk("gAMA"u8, [0, 1, 0x86, 0xA0])));

        decoded.Pixels.ToArray().Should().Equal(rows);
    }

    [Test]
    public void Decode_OfSixteenBitGrey_ClipsAt255()
    {
        int[] values = [0, 1, 254, 255, 256, 257, 0x7F00, 0xFFFF];
        byte[] rows = [.. values.SelectMany(value => (byte[])[(byte)(value >> 8), (byte)value])];

        var decoded = ImageDecoder.Decode(Pictures.Png(values.Length, 1, 16, Grey, rows));

        decoded.Pixels.ToArray().Should().Equal(values.SelectMany(value => Enumerable.Repeat((byte)Math.Min(value, 255), 3)));
    }

    [Test]
    public void Decode_OfSixteenBitColour_TakesTheHighBytes()
    {
        byte[] rows = [.. Enumerable.Range(0, 6 * 64).Select(i => (byte)(i * 29))];

        var decoded = ImageDecoder.Decode(Pictures.Png(8, 8, 16, Rgb, rows));

        decoded.Pixels.ToArray().Should().Equal(rows.Where((_, i) => i % 2 == 0));
    }

    [Test]
    public void Decode_OfSixteenBitGreyWithAlpha_LaysItOnWhite()
    {
        byte[] rows = [.. Enumerable.Range(0, 4 * 64).Select(i => (byte)(i * 29))];

        var decoded = ImageDecoder.Decode(Pictures.Png(8, 8, 16, GreyAlpha, rows));

        decoded.Pixels.ToArray().Should().Equal(
            rows.Chunk(4).SelectMany(pixel => Enumerable.Repeat(OnWhite(pixel[0], pixel[2]), 3)));
    }

    [TestCase(null, 0)]
    [TestCase((byte)9, 9)]
    public void Decode_OfGifWithSmallFrame_ColoursWhatIsAround(byte? transparent, int around)
    {
        byte[] indices = [.. Enumerable.Range(0, 12).Select(i => (byte)(i + 3))]; // 9 is among them

        var decoded = ImageDecoder.Decode(Pictures.Gif((6, 5), (1, 2, 4, 3), indices, Colours, transparent));

        var expected = Enumerable.Range(0, 30).Select(i => (X: (i % 6) - 1, Y: (i / 6) - 2))
            .Select(at => at is { X: >= 0 and < 4, Y: >= 0 and < 3 } ? indices[(at.Y * 4) + at.X] : around)
            .SelectMany(index => Colours[(index * 3)..((index * 3) + 3)]);
        decoded.Pixels.ToArray().Should().Equal(expected);
    }

    [Test]
    public void Decode_OfGifFrameLargerThanItsScreen_EnlargesTheScreen()
    {
        var decoded = ImageDecoder.Decode(Pictures.Gif((2, 2), (1, 0, 3, 3), new byte[9], Colours));

        (decoded.Width, decoded.Height).Should().Be((4, 3));
    }

    [Test]
    public void Decode_OfSixteenBitBmp_RoundsDown()
    {
        // Five bits a colour, red on top: 0rrrrrgggggbbbbb.
        var colours = Enumerable.Range(0, 32).Select(v => v | ((31 - v) << 5) | ((v * 7 % 32) << 10));
        byte[] data = [.. colours.SelectMany(v => (byte[])[(byte)v, (byte)(v >> 8)])];

        var decoded = ImageDecoder.Decode(Pictures.Bmp(32, 1, 16, [], data));

        decoded.Pixels.ToArray().Should().Equal(Enumerable.Range(0, 32).SelectMany(
            v => new[] { v * 7 % 32, 31 - v, v }.Select(five => (byte)(five * 255 / 31))));
    }

    [Test]
    public void Decode_OfBmpWithSpareByte_IgnoresIt()
    {
        var decoded = ImageDecoder.Decode(Pictures.Bmp(2, 1, 32, [], [1, 2, 3, 0, 4, 5, 6, 128]));

        decoded.Pixels.ToArray().Should().Equal([3, 2, 1, 6, 5, 4]);
    }

    [Test]
    public void Decode_OfRunLengthBmp_FillsWhatIsLeftOutWithTheFirstColour()
    {
        byte[] palette = [10, 20, 30, 0, 40, 50, 60, 0, .. new byte[254 * 4]];
        byte[] data = [2, 1, 0, 0, 0, 1]; // two pixels of colour 1, end of the line, end of the picture

        var decoded = ImageDecoder.Decode(Pictures.Bmp(4, 1, 8, palette, data, compression: 1));

        decoded.Pixels.ToArray().Should().Equal([60, 50, 40, 60, 50, 40, 30, 20, 10, 30, 20, 10]);
    }

    private static byte OnWhite(byte colour, byte alpha) =>
        (byte)Math.Round(((colour * alpha) + (255.0 * (255 - alpha))) / 255, MidpointRounding.AwayFromZero);
}
