using ActivationReplay.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Checkpoints;

public sealed class ImageProcessorConfigTests
{
    private const string Joint = ProcessorFiles.Joint, Pictures = ProcessorFiles.Pictures, Videos = ProcessorFiles.Videos;

    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("a", 3136, 501760)]
    [TestCase("b", 3136, 200704)]
    [TestCase("trained", 28224, 28224)]
    public void Load_OfRecordedPair_ReadsItsLimits(string pair, long least, long most)
    {
        var config = ImageProcessorConfig.Load(Goldens.CarriedPathOf("pairs", pair, "base"));

        config.Should().BeEquivalentTo(new ImageProcessorConfig { MinPixels = least, MaxPixels = most });
        config.Factor.Should().Be(28);
    }

    [TestCase("{}")]
    [TestCase("""{"size": null, "min_pixels": null, "resample": null, "do_resize": null, "do_pad": null, "crop_size": null}""")]
    public void Load_OfNothing_HasTransformersDefaults(string json)
    {
        var config = Load((Pictures, json));

        (config.MinPixels, config.MaxPixels).Should().Be((3136, 1003520));
    }

    [TestCase("""{"size": {"shortest_edge": 784, "longest_edge": 7840}}""", 784, 7840)]
    [TestCase("""{"max_pixels": 1568, "size": {"shortest_edge": 784, "longest_edge": 7840}}""", 784, 1568)]
    [TestCase("""{"min_pixels": 784, "max_pixels": 1568, "size": {"min_pixels": 1, "max_pixels": 2}}""", 784, 1568)]
    public void Load_OfSize_TakesItsEdgesAsAreas_UnderPixels(string json, long least, long most)
    {
        var config = Load((Pictures, json));

        (config.MinPixels, config.MaxPixels).Should().Be((least, most));
    }

    [TestCase("image_processor_type", "\"Qwen2VLImageProcessor\"")]
    [TestCase("image_processor_type", "\"Qwen2VLImageProcessorFast\"")]
    [TestCase("image_processor_type", "\"Qwen2_5_VLImageProcessor\"")]
    [TestCase("resample", "3")]
    [TestCase("resample", "\"bicubic\"")]
    [TestCase("resample", "\"BICUBIC\"")]
    [TestCase("resample", "\"PILImageResampling.BICUBIC\"")]
    [TestCase("do_center_crop", "false")]
    [TestCase("do_pad", "false")]
    [TestCase("data_format", "\"channels_first\"")]
    public void Load_OfAnotherSpelling_IsTheSame(string key, string value) =>
        Load((Pictures, $$"""{"{{key}}": {{value}}}""")).Should().BeEquivalentTo(new ImageProcessorConfig());

    // transformers: what is inside processor_config.json counts before a file of its own, null is nothing.
    [TestCase("""{"image_processor": {"patch_size": 7}}""", null, 7)]
    [TestCase("""{"image_processor": {"patch_size": 7}}""", """{"patch_size": 16}""", 7)]
    [TestCase("""{"image_processor": {}}""", """{"patch_size": 16}""", 14)]
    [TestCase("""{"image_processor": null}""", """{"patch_size": 16}""", 16)]
    [TestCase("""{"processor_class": "Qwen2_5_VLProcessor"}""", """{"patch_size": 16}""", 16)]
    [TestCase(null, """{"patch_size": 16}""", 16)]
    public void Load_OfTwoFiles_TakesTheOneThatTransformersTakes(string? joint, string? own, int expected) =>
        Load((Joint, joint), (Pictures, own)).PatchSize.Should().Be(expected);

    [TestCase("""{"video_processor": {"patch_size": 7}}""", """{"patch_size": 8}""", """{"patch_size": 9}""", 7)]
    [TestCase("""{"image_processor": {"patch_size": 7}}""", """{"patch_size": 8}""", """{"patch_size": 9}""", 8)]
    [TestCase(null, null, """{"patch_size": 9}""", 9)]
    [TestCase("""{"image_processor": {"patch_size": 7}}""", null, null, 14)]
    public void LoadForFrames_TakesTheFileThatTransformersTakes(string? joint, string? own, string? pictures, int expected)
    {
        Write((Joint, joint), (Videos, own), (Pictures, pictures));

        ImageProcessorConfig.LoadForFrames(_folder.Path).PatchSize.Should().Be(expected);
    }

    [Test]
    public void LoadForFrames_OfNothing_HasTheVideoProcessorsDefaults()
    {
        Write((Joint, """{"video_processor": {"video_processor_type": "Qwen2VLVideoProcessor", "do_sample_frames": true}}"""));

        var config = ImageProcessorConfig.LoadForFrames(_folder.Path);

        (config.MinPixels, config.MaxPixels).Should().Be((128 * 28 * 28, 768 * 28 * 28));
    }

    [TestCase("""{"patch_size": 0}""", "patch_size is 0*")]
    [TestCase("""{"do_resize": false}""", "do_resize is false; it must be true*")]
    [TestCase("""{"do_convert_rgb": false}""", "do_convert_rgb is false; it must be true*")]
    [TestCase("""{"do_center_crop": true}""", "do_center_crop is true; it must be false: this step is not supported")]
    [TestCase("""{"do_anything_else": true}""", "do_anything_else is true; it must be false*")]
    [TestCase("""{"do_pad": 1}""", "do_pad is 1; it must be true or false")]
    [TestCase("""{"resample": 2}""", "resample is 2; it must be 3 (bicubic)")]
    [TestCase("""{"resample": "lanczos"}""", "resample is \"lanczos\"; it must be 3 (bicubic)")]
    [TestCase("""{"image_processor_type": "CLIPImageProcessor"}""", "image_processor_type is \"CLIP*; it must be Qwen2VLImageProcessor*")]
    [TestCase("""{"size": {"longest_edge": 7840}}""", "size.shortest_edge is absent; it must be a number of pixels, or min_pixels*")]
    [TestCase("""{"size": 7840}""", "size is 7840; it must be an object")]
    [TestCase("""{"image_mean": [0.5]}""", "image_mean is [0.5]; it must be three numbers*")]
    [TestCase("""{"image_std": [1, 0, 1]}""", "image_std is [1, 0, 1]; it must be numbers over 0")]
    [TestCase("[]", "this is not valid JSON*")]
    public void Load_OfWrongValue_NamesFileKeyAndRule(string json, string problem) =>
        FluentActions.Invoking(() => Load((Pictures, json))).Should().Throw<CheckpointException>()
            .WithMessage($"{_folder.PathOf(Pictures)}: {problem}");

    [TestCase("image_processor", "do_rescale")]
    [TestCase("video_processor", "do_normalize")]
    public void Load_OfWrongValueInside_NamesTheWholeKey(string section, string step)
    {
        var other = section == "image_processor" ? "video_processor" : "image_processor";
        Write((Joint, $$$"""{"{{{other}}}": {}, "{{{section}}}": {"{{{step}}}": false}}"""));

        FluentActions.Invoking(() => (ImageProcessorConfig.Load(_folder.Path), ImageProcessorConfig.LoadForFrames(_folder.Path)))
            .Should().Throw<CheckpointException>().WithMessage($"{_folder.PathOf(Joint)}: {section}.{step} is false; it must be true*");
    }

    [TestCase("patch_size", "must be 14")]
    [TestCase("temporal_patch_size", "must be 2")]
    [TestCase("merge_size", "must be 2")]
    public void Load_UnlikeTheTower_NamesTheKeyAndTheTowersValue(string key, string rule)
    {
        var vision = ModelConfig.Load(Goldens.CarriedPathOf("pairs", "a", "base")).Vision;
        Write((Pictures, $$"""{"{{key}}": 16}"""));

        FluentActions.Invoking(() => ImageProcessorConfig.Load(_folder.Path, vision)).Should().Throw<CheckpointException>()
            .WithMessage($"{_folder.PathOf(Pictures)}: {key} is 16; it {rule}, as vision_config*");
    }

    [Test]
    public void Load_OfNoFile_NamesTheFolderAndBothFiles() =>
        FluentActions.Invoking(() => ImageProcessorConfig.Load(_folder.Path)).Should().Throw<CheckpointException>()
            .WithMessage($"{_folder.Path}: has no picture processor*{Pictures}*{Joint} with image_processor");

    private ImageProcessorConfig Load(params (string Name, string? Json)[] files)
    {
        Write(files);
        return ImageProcessorConfig.Load(_folder.Path);
    }

    private void Write(params (string Name, string? Json)[] files)
    {
        foreach (var (name, json) in files.Where(file => file.Json is not null))
        {
            File.WriteAllText(_folder.PathOf(name), json);
        }
    }
}
