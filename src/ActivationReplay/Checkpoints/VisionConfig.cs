namespace ActivationReplay.Checkpoints;

/// <summary>Shapes and constants of the vision tower, as <c>vision_config</c> states them.</summary>
public sealed record VisionConfig
{
    /// <summary>Number of blocks.</summary>
    public required int Depth { get; init; }

    /// <summary>Width of a block; <c>embed_dim</c> in Qwen2-VL's files.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width inside a block's MLP; <c>embed_dim · mlp_ratio</c> in Qwen2-VL's files.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Attention heads of a block.</summary>
    public required int Heads { get; init; }

    /// <summary>Width of the features after the merger: the decoder's; <c>hidden_size</c> in Qwen2-VL's files.</summary>
    public required int OutHiddenSize { get; init; }

    /// <summary>Colour channels of a picture.</summary>
    public required int InChannels { get; init; }

    /// <summary>Side of a patch, in pixels.</summary>
    public required int PatchSize { get; init; }

    /// <summary>Side of the square of patches that the merger makes one visual token.</summary>
    public required int SpatialMergeSize { get; init; }

    /// <summary>Frames of a patch.</summary>
    public required int TemporalPatchSize { get; init; }

    /// <summary>Side of an attention window, in pixels; 0 in Qwen2-VL, which has none.</summary>
    public required int WindowSize { get; init; }

    /// <summary>Blocks that attend to the whole picture instead of a window; in Qwen2-VL all of them.</summary>
    public required IReadOnlySet<int> FullAttentionBlocks { get; init; }

    /// <summary>Temporal positions of a second of video; 0 in Qwen2-VL, whose positions count grids instead.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Reads <c>vision_config</c>; absent keys have transformers' defaults.</summary>
    internal static VisionConfig Read(ConfigSection root, ModelFamily family, TextConfig text)
    {
        var vision = root.Section("vision_config") ?? throw root.Wrong("vision_config", "must be an object");
        var config = family == ModelFamily.Qwen25Vl ? ReadQwen25(vision) : ReadQwen2(vision);
        if (config.HiddenSize % config.Heads != 0 || config.HiddenSize / config.Heads % 4 != 0)
        {
            // A quarter of a head each for the cosines and sines of the two axes.
            throw vision.Wrong("num_heads", $"must divide the block width {config.HiddenSize} into heads of a multiple of 4");
        }

        if (config.OutHiddenSize != text.HiddenSize)
        {
            throw vision.Wrong(
                family == ModelFamily.Qwen25Vl ? "out_hidden_size" : "hidden_size",
                $"must be the decoder's hidden_size, {text.HiddenSize}");
        }

        return config;
    }

    private static VisionConfig ReadQwen25(ConfigSection vision)
    {
        RefuseActivation(vision, "silu");
        var depth = vision.Positive("depth");
        var blocks = vision.Integers("fullatt_block_indexes") ?? [7, 15, 23, 31];
        if (blocks.Any(block => block >= depth))
        {
            throw vision.Wrong("fullatt_block_indexes", $"must name blocks below depth {depth}");
        }

        var shared = ReadShared(vision);
        var window = vision.Positive("window_size", 112);
        if (window / shared.SpatialMergeSize / shared.PatchSize < 1)
        {
            throw vision.Wrong("window_size", "must be at least patch_size · spatial_merge_size");
        }

        return shared with
        {
            HiddenSize = vision.Positive("hidden_size"),
            IntermediateSize = vision.Positive("intermediate_size"),
            OutHiddenSize = vision.Positive("out_hidden_size"),
            WindowSize = window,
            FullAttentionBlocks = blocks.ToHashSet(),
            TokensPerSecond = vision.PositiveNumber("tokens_per_second", 4),
        };
    }

    private static VisionConfig ReadQwen2(ConfigSection vision)
    {
        RefuseActivation(vision, "quick_gelu");
        var width = vision.Positive("embed_dim");
        var inner = width * vision.PositiveNumber("mlp_ratio", 4);
        if (inner is < 1 or > int.MaxValue)
        {
            throw vision.Wrong("mlp_ratio", $"must give an MLP of at least one column for embed_dim {width}");
        }

        return ReadShared(vision) with
        {
            HiddenSize = width,
            IntermediateSize = (int)inner,
            OutHiddenSize = vision.Positive("hidden_size"),
            FullAttentionBlocks = Enumerable.Range(0, vision.Positive("depth")).ToHashSet(),
        };
    }

    /// <summary>Reads the settings that both families write alike; the caller sets the widths.</summary>
    private static VisionConfig ReadShared(ConfigSection vision) => new()
    {
        Depth = vision.Positive("depth"),
        Heads = vision.Positive("num_heads"),
        // Hub files say in_chans, which transformers does not read: its in_channels defaults to the same 3.
        InChannels = vision.Positive("in_channels", vision.Positive("in_chans", 3)),
        PatchSize = vision.Positive("patch_size", 14),
        SpatialMergeSize = vision.Positive("spatial_merge_size", 2),
        TemporalPatchSize = vision.Positive("temporal_patch_size", 2),
        HiddenSize = 0,
        IntermediateSize = 0,
        OutHiddenSize = 0,
        WindowSize = 0,
        FullAttentionBlocks = new HashSet<int>(),
        TokensPerSecond = 0,
    };

    private static void RefuseActivation(ConfigSection vision, string supported)
    {
        if (vision.Text("hidden_act") is { } activation && activation != supported)
        {
            throw vision.Wrong("hidden_act", $"must be \"{supported}\": {activation} is not supported");
        }
    }
}
