using System.Text.Json;
using ActivationReplay.Checkpoints;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Vision;

/// <summary>Recorded pictures: as decoded, and after resizing.</summary>
public sealed class GoldenImagesTests
{
    private static string Folder => Goldens.PathOf("prepare", "images");

    [TestCaseSource(nameof(Names))]
    public void Decode_GivesTheRecordedBytes(string name)
    {
        var expected = Expected($"{name}.rgb");

        var decoded = ImageDecoder.Decode(MediaFile.FromPath(Path.Combine(Folder, name)));

        (decoded.Width, decoded.Height).Should().Be((expected.Width, expected.Height));
        if (name.EndsWith(".jpg", StringComparison.Ordinal))
        {
            // JPEG leaves decoders some freedom: 2/255 on 99% of the values, 4/255 on all.
            var differences = Differences(decoded, expected);
            differences.Max().Should().BeLessThanOrEqualTo(4);
            differences.Count(difference => difference > 2).Should().BeLessThan(differences.Length / 100);
        }
        else
        {
            Differences(decoded, expected).Max().Should().Be(0);
        }
    }

    [TestCaseSource(nameof(ResizedNames))]
    public void Resize_OfTheRecordedPicture_GivesTheRecordedBytes(string name)
    {
        var (expected, picture) = (Expected($"{name}.resized"), Expected($"{name}.rgb"));

        var resized = new ImageProcessor(Settings(name)).Resize(picture);

        (resized.Width, resized.Height).Should().Be((expected.Width, expected.Height));
        Differences(resized, expected).Max().Should().Be(0);
    }

    private static int[] Differences(RgbImage a, RgbImage b) =>
        [.. a.Pixels.ToArray().Zip(b.Pixels.ToArray(), (x, y) => Math.Abs(x - y))];

    private static RgbImage Expected(string name)
    {
        using var file = SafetensorsFile.Open(Path.Combine(Folder, "expected.safetensors"));
        using var pixels = file.Read(name); // [H, W, 3]
        return new RgbImage((int)pixels.shape[1], (int)pixels.shape[0], pixels.bytes.ToArray());
    }

    private static ImageProcessorConfig Settings(string name)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "images.json")));
        var entry = file.RootElement.GetProperty(name);
        return new ImageProcessorConfig
        {
            MinPixels = entry.GetProperty("min_pixels").GetInt64(),
            MaxPixels = entry.GetProperty("max_pixels").GetInt64(),
        };
    }

    private static string[] Names()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "images.json")));
        return NotEmpty(file.RootElement.EnumerateObject().Select(entry => entry.Name));
    }

    private static string[] ResizedNames()
    {
        using var file = SafetensorsFile.Open(Path.Combine(Folder, "expected.safetensors"));
        return NotEmpty(Names().Where(name => file.Entries.ContainsKey($"{name}.resized")));
    }

    private static string[] NotEmpty(IEnumerable<string> names) => names.ToArray() is { Length: > 0 } some
        ? some
        : throw new InvalidDataException($"{Folder} has no recorded pictures.");
}
