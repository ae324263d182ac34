using static TorchSharp.torch;

namespace ActivationReplay.Checkpoints;

/// <summary>The configuration of a model from config.json: family, shapes, constants and special token ids.</summary>
/// <remarks>
/// Both layouts are read: flat, as hub files of 2025 are, and with <c>text_config</c>, as newer libraries write it.
/// Absent constants have the defaults of transformers 4.57; absent shapes are errors.
/// </remarks>
public sealed record ModelConfig
{
    /// <summary>The architecture, from <c>model_type</c>.</summary>
    public required ModelFamily Family { get; init; }

    /// <summary>The decoder.</summary>
    public required TextConfig Text { get; init; }

    /// <summary>The vision tower.</summary>
    public required VisionConfig Vision { get; init; }

    /// <summary>Id of the placeholder that stands at each visual position of a picture.</summary>
    public required int ImageTokenId { get; init; }

    /// <summary>Id of the placeholder that stands at each visual position of a video.</summary>
    public required int VideoTokenId { get; init; }

    /// <summary>Id of the token before a picture or video.</summary>
    public required int VisionStartTokenId { get; init; }

    /// <summary>Id of the token after a picture or video. The model itself never looks at it.</summary>
    public required int VisionEndTokenId { get; init; }

    /// <summary>
    /// Type that the config says the weights have (<c>dtype</c>, <c>torch_dtype</c>); Float32 where it is silent.
    /// </summary>
    public required ScalarType StoredType { get; init; }

    /// <summary>Reads and checks <c>config.json</c>.</summary>
    /// <param name="folder">A checkpoint's folder.</param>
    /// <returns>A configuration whose numbers fit together.</returns>
    /// <exception cref="CheckpointException">
    /// The file is absent or no JSON, a value is missing or out of range, or the model is not one that the engine runs.
    /// </exception>
    public static ModelConfig Load(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        return JsonFile.Read(path, json => Read(new ConfigSection(path, "", json)));
    }

    private static ModelConfig Read(ConfigSection root)
    {
        var family = root.Text("model_type") switch
        {
            "qwen2_vl" => ModelFamily.Qwen2Vl,
            "qwen2_5_vl" => ModelFamily.Qwen25Vl,
            _ => throw root.Wrong("model_type", "must be \"qwen2_vl\" or \"qwen2_5_vl\": other models are not supported"),
        };
        if (root.Has("quantization_config"))
        {
            throw root.Wrong("quantization_config", "must be absent: quantised weights are not supported");
        }

        var text = TextConfig.Read(root);
        return new ModelConfig
        {
            Family = family,
            Text = text,
            Vision = VisionConfig.Read(root, family, text),
            ImageTokenId = TokenId(root, "image_token_id", 151655, text.VocabularySize),
            VideoTokenId = TokenId(root, "video_token_id", 151656, text.VocabularySize),
            VisionStartTokenId = TokenId(root, "vision_start_token_id", 151652, text.VocabularySize),
            VisionEndTokenId = root.NotNegative("vision_end_token_id", 151653),
            StoredType = ReadType(root),
        };
    }

    private static int TokenId(ConfigSection root, string key, int absent, int vocabulary)
    {
        var id = root.NotNegative(key, absent);
        return id < vocabulary ? id : throw root.Wrong(key, $"must be an id below vocab_size {vocabulary} ({absent} if absent)");
    }

    private static ScalarType ReadType(ConfigSection root)
    {
        var sections = new[] { root, root.Section("text_config") ?? root };
        foreach (var section in sections)
        {
            foreach (var key in new[] { "dtype", "torch_dtype" })
            {
                switch (section.Text(key))
                {
                    case null: continue;
                    case "float32" or "torch.float32": return ScalarType.Float32;
                    case "float16" or "torch.float16": return ScalarType.Float16;
                    case "bfloat16" or "torch.bfloat16": return ScalarType.BFloat16;
                    default: throw section.Wrong(key, "must be float32, float16 or bfloat16");
                }
            }
        }

        return ScalarType.Float32;
    }
}
