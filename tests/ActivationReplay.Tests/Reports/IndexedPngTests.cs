using ActivationReplay.Ablations.Reports;
using FluentAssertions;
using NUnit.Framework;
using SkiaSharp;

namespace ActivationReplay.Tests.Reports;

/// <summary>Skia, which reads PNG by a library of its own, sees the same picture.</summary>
public sealed class IndexedPngTests
{
    private const uint Opaque = 0xFF000000;

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(256)]
    public void Encode_OfFewColours_KeepsEachPixel(int colours)
    {
        const int Width = 31;
        uint[] pixels = [.. Enumerable.Range(0, Width * 17).Select(i => Opaque | ((uint)(i % colours) * 0x010309 & 0xFFFFFF))];

        using var picture = SKBitmap.Decode(IndexedPng.Encode(Width, pixels));

        (picture.Width, picture.Height).Should().Be((Width, 17));
        picture.Pixels.Select(p => (uint)p).Should().Equal(pixels);
    }

    [Test]
    public void Encode_OfManyColours_KeepsTheFrequentAndTheDistant_AndIsNearElsewhere()
    {
        const int Side = 64;
        uint[] pixels = [.. Enumerable.Range(0, Side * Side).Select(i => Opaque | (uint)((i % Side * 4) << 16) | (uint)((i / Side * 4) << 8))];
        Array.Fill(pixels, 0xFFFFFFFF, 0, Side * 8);
        pixels[^1] = 0xFF0000FF;

        using var picture = SKBitmap.Decode(IndexedPng.Encode(Side, pixels));

        var seen = picture.Pixels.Select(p => (uint)p).ToArray();
        seen.Take(Side * 8).Should().OnlyContain(p => p == 0xFFFFFFFF);
        seen[^1].Should().Be(0xFF0000FF, "nothing else is blue");
        // 255 colours over a plane of 252 by 220 levels: cells of 15 levels' side, whose corners are 11 from their middle; twice that for greed.
        seen.Zip(pixels).Max(p => Math.Max(Level(p.First, p.Second, 16), Level(p.First, p.Second, 8))).Should().BeLessThan(22);
        seen.Distinct().Should().HaveCountLessThanOrEqualTo(256);
    }

    private static int Level(uint a, uint b, int shift) => Math.Abs((int)(a >> shift & 255) - (int)(b >> shift & 255));
}
