using System.Text.Json;
using ActivationReplay.Checkpoints;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Vision;

public sealed class ImageProcessorTests
{
    private static readonly ImageProcessor s_processor = new(new ImageProcessorConfig { MinPixels = 3136, MaxPixels = 50176 });

    private static readonly (string Kind, string Values, string Grids)[] s_kinds =
        [("image", "pixel_values", "image_grid_thw"), ("video", "pixel_values_videos", "video_grid_thw")];

    [TestCaseSource(typeof(Goldens), nameof(Goldens.Cases))]
    public void Process_GivesTheRecordedPatches(string name)
    {
        using var scope = NewDisposeScope();
        var folder = Goldens.PathOf("cases", name);
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "case.json")));
        using var expected = SafetensorsFile.Open(Path.Combine(folder, "expected.safetensors"));
        var pair = json.RootElement.GetProperty("pair").GetString()!;
        var config = ImageProcessorConfig.Load(Goldens.PathOf("pairs", pair, "base"));
        var content = json.RootElement.GetProperty("messages").EnumerateArray()
            .SelectMany(message => message.GetProperty("content").EnumerateArray()).ToArray();
        long Setting(string key) => json.RootElement.GetProperty(key).GetInt64();
        var settings = (Setting("min_pixels"), Setting("max_pixels"));

        foreach (var (kind, values, grids) in s_kinds)
        {
            var media = content.Where(part => part.TryGetProperty(kind, out _))
                .Select(part => part.GetProperty(kind)).ToArray();
            expected.Entries.ContainsKey(grids).Should().Be(media.Length > 0);
            if (media.Length > 0)
            {
                var made = media.Select(medium => Make(new ImageProcessor(config), folder, medium, settings)).ToArray();
                using var grid = expected.Read(grids);
                grid.data<long>().ToArray().Should().Equal(made.SelectMany(m => new long[] { m.Grid.T, m.Grid.H, m.Grid.W }));
                ShouldEqual(made, media, expected.Entries.ContainsKey(values) ? expected.Read(values) : null);
            }
        }
    }

    [Test]
    public void Process_OfOnePicture_RepeatsItInTime()
    {
        using var picture = s_processor.Process(Pictures.Formula(60, 90));
        using var video = s_processor.ProcessFrames([Pictures.Formula(60, 90), Pictures.Formula(60, 90)]);

        picture.Grid.Should().Be(new PatchGrid(1, 6, 4));
        picture.Pixels.shape.Should().Equal(24, 1176);
        MostApart(picture.Pixels, video.Pixels).Should().Be(0);
    }

    [Test]
    public void ProcessFrames_OfOddCount_RepeatsTheLast()
    {
        RgbImage[] frames =
            [Pictures.Formula(60, 90), Pictures.Constant(60, 90, 1, 2, 3), Pictures.Constant(60, 90, 200, 100, 0)];

        using var odd = s_processor.ProcessFrames(frames);
        using var even = s_processor.ProcessFrames([.. frames, frames[^1]]);

        odd.Grid.Should().Be(new PatchGrid(2, 6, 4));
        MostApart(odd.Pixels, even.Pixels).Should().Be(0);
    }

    [Test]
    public void Process_OfConstant_IsTheNormalisedColour()
    {
        using var patches = s_processor.Process(Pictures.Constant(56, 56, 10, 20, 30));
        using var colours = patches.Pixels.view(-1, 3, 2 * 14 * 14).mean([0, 2]);

        // Single-precision means of 6272 equal numbers.
        colours.data<float>().ToArray().Should().Equal(
            [
                ((10 / 255f) - 0.48145466f) / 0.26862954f,
                ((20 / 255f) - 0.4578275f) / 0.26130258f,
                ((30 / 255f) - 0.40821073f) / 0.27577711f,
            ],
            (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Test]
    public void Process_PutsThePatchesOfATokenTogether()
    {
        // Every patch has its own grey: row of patches × 10 + column.
        var pixels = new byte[56 * 84 * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)((i / 3 / 84 / 14 * 10) + (i / 3 % 84 / 14));
        }

        using var patches = s_processor.Cut(new RgbImage(84, 56, pixels));

        using var firsts = patches.Pixels.select(1, 0); // the red of a patch's first pixel
        var greys = firsts.data<float>().ToArray();
        greys.Select(v => (int)Math.Round(((v * 0.26862954f) + 0.48145466f) * 255)).Should().Equal(
            0, 1, 10, 11, 2, 3, 12, 13, 4, 5, 14, 15,
            20, 21, 30, 31, 22, 23, 32, 33, 24, 25, 34, 35);
    }

    [Test]
    public void Process_WithLimits_TakesThemInsteadOfTheCheckpoints()
    {
        using var patches = s_processor.Process(Pictures.Formula(100, 100), minPixels: 784, maxPixels: 3136);

        patches.Grid.Should().Be(new PatchGrid(1, 4, 4));
    }

    [Test]
    public void Process_LeavesOnlyItsResult()
    {
        var before = LiveTensors.Settled();

        var patches = s_processor.Process(Pictures.Formula(60, 90));
        Tensor.TotalCount.Should().Be(before + 1);
        patches.Dispose();

        Tensor.TotalCount.Should().Be(before);
    }

    [Test]
    public void ProcessFrames_OfUnequalFrames_NamesTheFrame()
    {
        var process = () => s_processor.ProcessFrames([Pictures.Formula(60, 90), Pictures.Formula(90, 60)]);

        process.Should().Throw<MediaException>().WithMessage("frame 1: has 90×60 pixels where frame 0 has 60×90*");
    }

    [Test]
    public void ProcessFrames_OfNone_IsAnArgumentError()
    {
        var process = () => s_processor.ProcessFrames([]);

        process.Should().Throw<ArgumentException>();
    }

    [Test]
    public void Cut_OfSizeThatIsNoMultiple_IsAnArgumentError()
    {
        var cut = () => s_processor.Cut(Pictures.Formula(56, 57));

        cut.Should().Throw<ArgumentException>().WithMessage("56×57 is not divisible by 28.*");
    }

    // Without recorded values, those of lossless media are held by the recorded features of the parity tests.
    private static void ShouldEqual(VisionPatches[] made, JsonElement[] media, Tensor? recorded)
    {
        var limit = Limit(medium: media[^1]);
        if (recorded is null)
        {
            limit.Should().Be(0, "decoders differ in JPEGs: the values must be recorded");
            return;
        }

        MostApart(cat([.. made.Select(m => m.Pixels)]), recorded).Should().BeLessThanOrEqualTo(limit);
    }

    private static VisionPatches Make(
        ImageProcessor processor, string folder, JsonElement medium, (long Least, long Most) pixels)
    {
        RgbImage Decode(JsonElement name) => ImageDecoder.Decode(MediaFile.FromPath(Path.Combine(folder, name.GetString()!)));
        return medium.ValueKind == JsonValueKind.Array
            ? processor.ProcessFrames([.. medium.EnumerateArray().Select(Decode)], pixels.Least, pixels.Most)
            : processor.Process(Decode(medium), pixels.Least, pixels.Most);
    }

    // Equal bytes give equal numbers. A JPEG decoder may differ by 4/255, which is up to 4/255/0.26 here.
    private static float Limit(JsonElement medium) =>
        medium.ToString().EndsWith(".jpg", StringComparison.Ordinal) ? 4 / 255f / 0.26f : 0;

    private static float MostApart(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        a.shape.Should().Equal(b.shape);
        return (a - b).abs().max().item<float>();
    }
}
