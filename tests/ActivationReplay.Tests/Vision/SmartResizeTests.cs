using System.Text.Json;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Vision;

public sealed class SmartResizeTests
{
    [TestCaseSource(nameof(Recorded))]
    public void Compute_IsAsRecorded(int height, int width, long minPixels, long maxPixels, int[]? resized)
    {
        var compute = () => SmartResize.Compute(height, width, 28, minPixels, maxPixels);

        if (resized is null)
        {
            compute.Should().Throw<MediaException>().WithMessage("*aspect ratio*200*");
        }
        else
        {
            compute().Should().Be((resized[0], resized[1]));
        }
    }

    [Test]
    public void Compute_OfHalves_RoundsToEven()
    {
        SmartResize.Compute(42, 70, 28, 1, 1 << 20).Should().Be((56, 56));
        SmartResize.Compute(98, 126, 28, 1, 1 << 20).Should().Be((112, 112));
    }

    [TestCase(10, 300)]
    [TestCase(1, 1)]
    public void Compute_OfNarrowPicture_HasNoSideBelowTheFactor(int height, int width)
    {
        var (newHeight, newWidth) = SmartResize.Compute(height, width, 28, minPixels: 1, maxPixels: 784);

        newHeight.Should().BePositive().And.Match(side => side % 28 == 0);
        newWidth.Should().BePositive().And.Match(side => side % 28 == 0);
    }

    [TestCase(0, 1, 28, 1)]
    [TestCase(1, -1, 28, 1)]
    [TestCase(1, 1, 0, 1)]
    [TestCase(1, 1, 28, 0)]
    public void Compute_OfNothing_IsAnArgumentError(int height, int width, int factor, long pixels)
    {
        var compute = () => SmartResize.Compute(height, width, factor, pixels, pixels);

        compute.Should().Throw<ArgumentOutOfRangeException>();
    }

    private static IEnumerable<TestCaseData> Recorded()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Goldens.PathOf("prepare", "resize.json")));
        foreach (var entry in file.RootElement.EnumerateArray())
        {
            var (height, width) = (entry.GetProperty("height").GetInt32(), entry.GetProperty("width").GetInt32());
            var (least, most) = (entry.GetProperty("min_pixels").GetInt64(), entry.GetProperty("max_pixels").GetInt64());
            yield return new TestCaseData(height, width, least, most, entry.GetProperty("resized").Deserialize<int[]>())
                .SetArgDisplayNames($"{height}×{width}", $"{least} to {most}");
        }
    }
}
