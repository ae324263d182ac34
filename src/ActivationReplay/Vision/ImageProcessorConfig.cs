using ActivationReplay.Checkpoints;

namespace ActivationReplay.Vision;

/// <summary>
/// How a checkpoint wants its pictures: limits of their size, sides of the patches, normalisation. Defaults are those
/// of transformers' <c>Qwen2VLImageProcessor</c>.
/// </summary>
public sealed record ImageProcessorConfig
{
    /// <summary>Name of the file in a checkpoint's folder.</summary>
    public const string FileName = "preprocessor_config.json";

    private const int Bicubic = 3; // Pillow's number for it

    /// <summary>Smaller pictures are enlarged to at least this many pixels.</summary>
    public long MinPixels { get; init; } = 56 * 56;

    /// <summary>Larger pictures are shrunk to at most this many pixels.</summary>
    public long MaxPixels { get; init; } = 28 * 28 * 1280;

    /// <summary>Side of a patch in pixels.</summary>
    public int PatchSize { get; init; } = 14;

    /// <summary>Frames a patch is deep. A picture is repeated to fill it.</summary>
    public int TemporalPatchSize { get; init; } = 2;

    /// <summary>Side, in patches, of the square that becomes one visual token.</summary>
    public int MergeSize { get; init; } = 2;

    /// <summary>What a byte is multiplied by before the mean is taken off.</summary>
    public double RescaleFactor { get; init; } = 1 / 255.0;

    /// <summary>Taken off the rescaled red, green and blue.</summary>
    public IReadOnlyList<float> Mean { get; init; } = [0.48145466f, 0.4578275f, 0.40821073f];

    /// <summary>What red, green and blue are divided by after that.</summary>
    public IReadOnlyList<float> Std { get; init; } = [0.26862954f, 0.26130258f, 0.27577711f];

    /// <summary>What both sides of a resized picture are divisible by, in pixels: a token's side.</summary>
    public int Factor => PatchSize * MergeSize;

    /// <summary>Reads <see cref="FileName"/> from a checkpoint's folder.</summary>
    /// <remarks>
    /// The limits are <c>min_pixels</c> and <c>max_pixels</c>, or <c>size.shortest_edge</c> and
    /// <c>size.longest_edge</c> in newer files; where both are given the former count.
    /// </remarks>
    /// <exception cref="CheckpointException">
    /// The file is absent or damaged, a value is out of range, or it asks for steps that this engine does not do.
    /// </exception>
    public static ImageProcessorConfig Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return JsonFile.Read(path, json => Read(new ConfigSection(path, "", json)));
    }

    private static ImageProcessorConfig Read(ConfigSection file)
    {
        foreach (var step in (string[])["do_resize", "do_rescale", "do_normalize", "do_convert_rgb"])
        {
            if (!file.Flag(step, absent: true))
            {
                throw file.Wrong(step, "must be true, as in every Qwen2-VL and Qwen2.5-VL checkpoint");
            }
        }

        if (file.NotNegative("resample", Bicubic) != Bicubic)
        {
            throw file.Wrong("resample", $"must be {Bicubic} (bicubic)");
        }

        var defaults = new ImageProcessorConfig();
        var config = new ImageProcessorConfig
        {
            MinPixels = Limit(file, "min_pixels", "shortest_edge", defaults.MinPixels),
            MaxPixels = Limit(file, "max_pixels", "longest_edge", defaults.MaxPixels),
            PatchSize = file.Positive("patch_size", defaults.PatchSize),
            TemporalPatchSize = file.Positive("temporal_patch_size", defaults.TemporalPatchSize),
            MergeSize = file.Positive("merge_size", defaults.MergeSize),
            RescaleFactor = file.PositiveNumber("rescale_factor", defaults.RescaleFactor),
            Mean = Colours(file, "image_mean") ?? defaults.Mean,
            Std = Colours(file, "image_std") ?? defaults.Std,
        };
        return config.Std.All(std => std > 0) ? config : throw file.Wrong("image_std", "must be numbers over 0");
    }

    private static int Limit(ConfigSection file, string key, string keyInSize, long absent) =>
        file.Positive(key, file.Section("size")?.Positive(keyInSize, (int)absent) ?? (int)absent);

    private static float[]? Colours(ConfigSection file, string key)
    {
        var numbers = file.Numbers(key);
        return numbers is null or { Count: RgbImage.Channels }
            ? numbers?.Select(number => (float)number).ToArray()
            : throw file.Wrong(key, "must be three numbers: red, green, blue");
    }
}
