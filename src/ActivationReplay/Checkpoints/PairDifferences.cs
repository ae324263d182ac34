using System.Globalization;

namespace ActivationReplay.Checkpoints;

/// <summary>Checks that two checkpoints are of one architecture and one vocabulary, so that their states compare.</summary>
/// <remarks>
/// Compared is what decides shapes, positions and ids. Library versions, stored types, and settings that the engine does not
/// use (such as the width of a sliding window that is off) may differ.
/// </remarks>
internal static class PairDifferences
{
    /// <summary>Throws on the first difference: configuration, then tokenizer, then names and shapes of the weights.</summary>
    /// <exception cref="CheckpointException">They differ; the path is the RLVR checkpoint's.</exception>
    public static void Refuse(Checkpoint @base, Checkpoint rlvr)
    {
        RefuseConfig(@base, rlvr);
        RefuseTokenizer(@base, rlvr);
        RefuseWeights(@base, rlvr);
    }

    private static void RefuseConfig(Checkpoint @base, Checkpoint rlvr)
    {
        foreach (var ((key, ours), (_, theirs)) in Describe(@base.Config).Zip(Describe(rlvr.Config)))
        {
            if (ours != theirs)
            {
                throw new CheckpointException(
                    Path.Combine(rlvr.Folder, "config.json"),
                    $"{key} is {theirs}, but {ours} in {@base.Folder}; base and rlvr must be checkpoints of one architecture");
            }
        }
    }

    private static void RefuseTokenizer(Checkpoint @base, Checkpoint rlvr)
    {
        if (@base.ProcessorFile("tokenizer.json") is { } ours && rlvr.ProcessorFile("tokenizer.json") is { } theirs
            && TokenizerFile.FirstDifference(ours, theirs) is { } difference)
        {
            throw new CheckpointException(
                theirs, $"differs from the tokenizer of {@base.Folder} in its {difference}; both must give the same ids");
        }
    }

    private static void RefuseWeights(Checkpoint @base, Checkpoint rlvr)
    {
        var (ours, theirs) = (@base.Weights.ToDictionary(), rlvr.Weights.ToDictionary());
        foreach (var key in ours.Keys.Union(theirs.Keys).Order(StringComparer.Ordinal))
        {
            var (first, second) = (ours.GetValueOrDefault(key), theirs.GetValueOrDefault(key));
            if (first is null || second is null)
            {
                throw new CheckpointException(
                    rlvr.Folder,
                    second is null ? $"is missing, but {@base.Folder} has it" : $"is there, but {@base.Folder} has none",
                    key);
            }

            if (!first.Shape.SequenceEqual(second.Shape))
            {
                throw new CheckpointException(
                    rlvr.Folder,
                    $"has shape [{string.Join(", ", second.Shape)}], but [{string.Join(", ", first.Shape)}] in {@base.Folder}",
                    key);
            }
        }
    }

    /// <summary>
    /// The settings that must agree, under the names of config.json. MaxPositions is left out, since no result depends on it.
    /// </summary>
    private static IEnumerable<(string Key, string Value)> Describe(ModelConfig config)
    {
        var (text, vision) = (config.Text, config.Vision);
        return
        [
            ("model_type", config.Family.ToString()),
            ("vocab_size", Number(text.VocabularySize)),
            ("hidden_size", Number(text.HiddenSize)),
            ("num_hidden_layers", Number(text.Layers)),
            ("num_attention_heads", Number(text.Heads)),
            ("num_key_value_heads", Number(text.KvHeads)),
            ("intermediate_size", Number(text.IntermediateSize)),
            ("rms_norm_eps", Number(text.RmsNormEpsilon)),
            ("rope_theta", Number(text.RopeTheta)),
            ("mrope_section", List(text.MropeSection)),
            ("tie_word_embeddings", text.TieWordEmbeddings ? "true" : "false"),
            ("vision_config.depth", Number(vision.Depth)),
            ("vision_config block width", Number(vision.HiddenSize)),
            ("vision_config MLP width", Number(vision.IntermediateSize)),
            ("vision_config.num_heads", Number(vision.Heads)),
            ("vision_config output width", Number(vision.OutHiddenSize)),
            ("vision_config.in_channels", Number(vision.InChannels)),
            ("vision_config.patch_size", Number(vision.PatchSize)),
            ("vision_config.spatial_merge_size", Number(vision.SpatialMergeSize)),
            ("vision_config.temporal_patch_size", Number(vision.TemporalPatchSize)),
            ("vision_config.window_size", Number(vision.WindowSize)),
            ("vision_config.fullatt_block_indexes", List(vision.FullAttentionBlocks.Order())),
            ("vision_config.tokens_per_second", Number(vision.TokensPerSecond)),
            ("image_token_id", Number(config.ImageTokenId)),
            ("video_token_id", Number(config.VideoTokenId)),
            ("vision_start_token_id", Number(config.VisionStartTokenId)),
            ("vision_end_token_id", Number(config.VisionEndTokenId)),
        ];
    }

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static string List(IEnumerable<int> values) => $"[{string.Join(", ", values)}]";
}
