using System.Globalization;

namespace ActivationReplay.Checkpoints;

/// <summary>
/// The preprocessing of a checkpoint for pictures, or for frames of videos: limits of their area, sizes of patches, normalisation.
/// Defaults are those of transformers' <c>Qwen2VLImageProcessor</c>.
/// </summary>
public sealed record ImageProcessorConfig
{
    private const int Channels = 3;
    private const string Bicubic = "3"; // Pillow's number for it

    // What Qwen2VLVideoProcessor has where a file is silent.
    private static readonly ImageProcessorConfig s_frames = new() { MinPixels = 128 * 28 * 28, MaxPixels = 768 * 28 * 28 };

    private static readonly string[] s_steps = ["do_resize", "do_rescale", "do_normalize", "do_convert_rgb"];

    // Frames are chosen as qwen-vl-utils does it, which tells the processor not to.
    private const string Sampling = "do_sample_frames";

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

    /// <summary>The factor of a byte before the mean is subtracted.</summary>
    public double RescaleFactor { get; init; } = 1 / 255.0;

    /// <summary>The means that are subtracted from the rescaled red, green and blue.</summary>
    public IReadOnlyList<float> Mean { get; init; } = [0.48145466f, 0.4578275f, 0.40821073f];

    /// <summary>The standard deviations by which red, green and blue are then divided.</summary>
    public IReadOnlyList<float> Std { get; init; } = [0.26862954f, 0.26130258f, 0.27577711f];

    /// <summary>The side of a visual token in pixels, by which both sides of a resized picture are divisible.</summary>
    public int Factor => PatchSize * MergeSize;

    /// <summary>
    /// Reads a folder's settings for pictures: <c>image_processor</c> in processor_config.json, as transformers 5 writes it,
    /// else preprocessor_config.json.
    /// </summary>
    /// <remarks>
    /// The limits are <c>min_pixels</c> and <c>max_pixels</c>, or <c>size.shortest_edge</c> and
    /// <c>size.longest_edge</c> in newer files; where both are given the former count.
    /// </remarks>
    /// <param name="folder">A checkpoint's folder.</param>
    /// <param name="vision">The tower that the patches are for; null checks nothing against it.</param>
    /// <exception cref="CheckpointException">
    /// There are none, a file is damaged, a value is out of range or unlike the tower's, or it asks for steps that this
    /// engine does not do.
    /// </exception>
    public static ImageProcessorConfig Load(string folder, VisionConfig? vision = null) =>
        ProcessorFiles.FindPictures(folder) is { } file
            ? Read(file, new ImageProcessorConfig(), "image_processor_type", "Qwen2VLImageProcessor", vision)
            : throw new CheckpointException(
                folder,
                $"has no picture processor; a checkpoint has {ProcessorFiles.Pictures}, or {ProcessorFiles.Joint} with image_processor");

    /// <summary>
    /// Reads a folder's settings for the frames of videos: <c>video_processor</c> in processor_config.json, else
    /// video_preprocessor_config.json, else those for pictures, as transformers does.
    /// </summary>
    /// <inheritdoc cref="Load"/>
    public static ImageProcessorConfig LoadForFrames(string folder, VisionConfig? vision = null) =>
        ProcessorFiles.FindVideos(folder) is { } file
            ? Read(file, s_frames, "video_processor_type", "Qwen2VLVideoProcessor", vision)
            : s_frames;

    /// <summary>The settings that differ, each under its key in a file with both its values.</summary>
    internal IEnumerable<string> Differences(ImageProcessorConfig other) => Describe().Zip(other.Describe())
        .Where(pair => pair.First.Value != pair.Second.Value)
        .Select(pair => $"{pair.First.Key} {pair.First.Value}, not {pair.Second.Value}");

    private (string Key, string Value)[] Describe() =>
    [
        ("min_pixels", Text(MinPixels)), ("max_pixels", Text(MaxPixels)), ("patch_size", Text(PatchSize)),
        ("temporal_patch_size", Text(TemporalPatchSize)), ("merge_size", Text(MergeSize)),
        ("rescale_factor", Text(RescaleFactor)), ("image_mean", Text(Mean.Cast<IFormattable>())), ("image_std", Text(Std.Cast<IFormattable>())),
    ];

    private static string Text(params IEnumerable<IFormattable> numbers) =>
        string.Join(' ', numbers.Select(number => number.ToString(null, CultureInfo.InvariantCulture)));

    private static ImageProcessorConfig Read(
        ConfigSection file, ImageProcessorConfig defaults, string typeKey, string type, VisionConfig? vision)
    {
        RefuseOtherType(file, typeKey, type);
        RefuseOtherSteps(file);
        var config = new ImageProcessorConfig
        {
            MinPixels = Limit(file, "min_pixels", "shortest_edge", defaults.MinPixels),
            MaxPixels = Limit(file, "max_pixels", "longest_edge", defaults.MaxPixels),
            PatchSize = Side(file, "patch_size", defaults.PatchSize, vision?.PatchSize),
            TemporalPatchSize = Side(file, "temporal_patch_size", defaults.TemporalPatchSize, vision?.TemporalPatchSize),
            MergeSize = Side(file, "merge_size", defaults.MergeSize, vision?.SpatialMergeSize),
            RescaleFactor = file.PositiveNumber("rescale_factor", defaults.RescaleFactor),
            Mean = Colours(file, "image_mean") ?? defaults.Mean,
            Std = Colours(file, "image_std") ?? defaults.Std,
        };
        return config.Std.All(std => std > 0) ? config : throw file.Wrong("image_std", "must be numbers over 0");
    }

    // Fast and Pil are the same settings, computed by other libraries; the files of early 2025 name the class of their family.
    private static void RefuseOtherType(ConfigSection file, string key, string type)
    {
        var family = type.Replace("Qwen2VL", "Qwen2_5_VL", StringComparison.Ordinal);
        string[] known = [type, $"{type}Fast", $"{type}Pil", family, $"{family}Fast"];
        if (file.Text(key) is { } name && !known.Contains(name))
        {
            throw file.Wrong(key, $"must be {type} or {type}Fast: other processors are not supported");
        }
    }

    private static void RefuseOtherSteps(ConfigSection file)
    {
        foreach (var step in file.Keys.Where(key => key.StartsWith("do_", StringComparison.Ordinal) && key != Sampling))
        {
            var isDone = s_steps.Contains(step);
            if (file.Flag(step, isDone) != isDone)
            {
                throw file.Wrong(step, isDone
                    ? "must be true, as in every Qwen2-VL and Qwen2.5-VL checkpoint"
                    : "must be false: this step is not supported");
            }
        }

        var filter = file.NumberOrText("resample") ?? Bicubic;
        if (filter != Bicubic && !filter.Split('.')[^1].Equals("bicubic", StringComparison.OrdinalIgnoreCase))
        {
            throw file.Wrong("resample", $"must be {Bicubic} (bicubic)");
        }
    }

    // A size without the edge that is not given otherwise is refused by transformers, too.
    private static int Limit(ConfigSection file, string key, string keyInSize, long absent)
    {
        var size = file.Section("size");
        return file.Has(key) ? file.Positive(key)
            : size is null ? (int)absent
            : size.Has(keyInSize) ? size.Positive(keyInSize)
            : throw size.Wrong(keyInSize, $"must be a number of pixels, or {key} beside size must be one");
    }

    private static int Side(ConfigSection file, string key, int absent, int? tower)
    {
        var side = file.Positive(key, absent);
        return tower is null || side == tower ? side : throw file.Wrong(key, $"must be {tower}, as vision_config of config.json says");
    }

    private static float[]? Colours(ConfigSection file, string key)
    {
        var numbers = file.Numbers(key);
        return numbers is null or { Count: Channels }
            ? numbers?.Select(number => (float)number).ToArray()
            : throw file.Wrong(key, "must be three numbers: red, green, blue");
    }
}
