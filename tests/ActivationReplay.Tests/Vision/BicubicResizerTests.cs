using System.Security.Cryptography;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Vision;

public sealed class BicubicResizerTests
{
    // SHA-256 of what Pillow 13.0.0 makes of the same picture: both orders of the passes and both sides of the rule that
    // picks one, single passes, large and small factors.
    [TestCase(77, 200, 84, 196, "1273079b001f186e")]
    [TestCase(120, 96, 112, 84, "2e1efa4bbed27906")]
    [TestCase(100, 80, 48, 4, "0b9062b4d2ea956a")]
    [TestCase(46, 101, 10, 21, "e87d3ba257a1ccba")]
    [TestCase(50, 50, 40, 30, "2b2222c4e640d844")]
    [TestCase(50, 51, 40, 30, "8d69ff0d4112dd5f")]
    [TestCase(9, 13, 56, 84, "ff9e483789188d5b")]
    [TestCase(640, 20, 28, 28, "83fde86953663a25")]
    [TestCase(20, 640, 28, 28, "e1ca72784fa2580f")]
    [TestCase(33, 17, 33, 28, "df2bb4321e6eba8b")]
    [TestCase(33, 17, 28, 17, "c3450425f75decef")]
    [TestCase(1, 1, 28, 28, "a06c42d1148b324a")]
    [TestCase(300, 200, 299, 197, "ab40d80507b6b9a2")]
    [TestCase(300, 200, 299, 198, "0b61c36a1d0fb650")]
    public void Resize_HasPillowsBytes(int width, int height, int newWidth, int newHeight, string hash)
    {
        var resized = BicubicResizer.Resize(Pictures.Formula(width, height), newHeight, newWidth);

        Convert.ToHexStringLower(SHA256.HashData(resized.Pixels)).Should().StartWith(hash);
    }

    [Test]
    public void Resize_ToSameSize_IsIdentity()
    {
        var image = Pictures.Formula(31, 17);

        BicubicResizer.Resize(image, 17, 31).Pixels.ToArray().Should().Equal(image.Pixels.ToArray());
    }

    [TestCase(3, 200)]
    [TestCase(56, 28)]
    [TestCase(1, 1)]
    public void Resize_OfConstant_IsConstant(int width, int height)
    {
        var resized = BicubicResizer.Resize(Pictures.Constant(40, 30, 1, 128, 254), height, width);

        resized.Pixels.ToArray().Should().Equal(Pictures.Constant(width, height, 1, 128, 254).Pixels.ToArray());
    }

    [Test]
    public void Resize_InBands_EqualsOneThread()
    {
        // Over 1 MB the rows are shared out among threads; each column alone is under it.
        var image = Pictures.Formula(700, 600);
        var resized = BicubicResizer.Resize(image, 112, 700);
        var column = Enumerable.Range(0, 600).SelectMany(y => image.Row(y)[^30..].ToArray()).ToArray();

        var alone = BicubicResizer.Resize(new RgbImage(10, 600, column), 112, 10);

        for (var y = 0; y < 112; y++)
        {
            resized.Row(y)[^30..].SequenceEqual(alone.Row(y)).Should().BeTrue();
        }
    }

    [TestCase(0, 1)]
    [TestCase(1, -1)]
    public void Resize_ToNothing_IsAnArgumentError(int height, int width)
    {
        var resize = () => BicubicResizer.Resize(Pictures.Constant(2, 2, 0, 0, 0), height, width);

        resize.Should().Throw<ArgumentOutOfRangeException>();
    }
}
