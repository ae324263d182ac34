using ActivationReplay.Checkpoints;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Vision;

public sealed class ImageProcessorConfigTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("processor").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase("a", 3136, 501760)]
    [TestCase("b", 3136, 200704)]
    [TestCase("trained", 28224, 28224)]
    public void Load_OfRecordedPair_ReadsItsLimits(string pair, long least, long most)
    {
        var config = ImageProcessorConfig.Load(Goldens.CarriedPathOf("pairs", pair, "base"));

        config.Should().BeEquivalentTo(new ImageProcessorConfig { MinPixels = least, MaxPixels = most });
        config.Factor.Should().Be(28);
    }

    [Test]
    public void Load_OfNothing_HasTransformersDefaults()
    {
        Write("{}").MinPixels.Should().Be(3136);
        Write("""{"size": null}""").MaxPixels.Should().Be(1003520);
    }

    [Test]
    public void Load_OfSize_TakesItsEdgesAsAreas()
    {
        var config = Write("""{"size": {"shortest_edge": 784, "longest_edge": 7840}}""");

        (config.MinPixels, config.MaxPixels).Should().Be((784, 7840));
        Write("""{"max_pixels": 1568, "size": {"shortest_edge": 784, "longest_edge": 7840}}""").MaxPixels.Should().Be(1568);
    }

    [TestCase("""{"patch_size": 0}""", "patch_size is 0*")]
    [TestCase("""{"do_resize": false}""", "do_resize is false; it must be true*")]
    [TestCase("""{"resample": 2}""", "resample is 2; it must be 3 (bicubic)")]
    [TestCase("""{"image_mean": [0.5]}""", "image_mean is [0.5]; it must be three numbers*")]
    [TestCase("""{"image_std": [1, 0, 1]}""", "image_std is [1, 0, 1]; it must be numbers over 0")]
    [TestCase("[]", "this is not valid JSON*")]
    public void Load_OfWrongValue_NamesFileKeyAndRule(string json, string problem)
    {
        var load = () => Write(json);

        load.Should().Throw<CheckpointException>()
            .WithMessage($"{Path.Combine(_folder, ImageProcessorConfig.FileName)}: {problem}");
    }

    private ImageProcessorConfig Write(string json)
    {
        File.WriteAllText(Path.Combine(_folder, ImageProcessorConfig.FileName), json);
        return ImageProcessorConfig.Load(_folder);
    }
}
