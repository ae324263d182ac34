using ActivationReplay.Checkpoints;

namespace ActivationReplay.Benchmarks.Counting;

/// <summary>Numbers of weights that a pass reads.</summary>
internal static class WeightCount
{
    /// <summary>The matrices, biases and norms of one decoder layer.</summary>
    public static double Layer(TextConfig text)
    {
        double width = text.HiddenSize;
        double keys = text.KvHeads * text.HeadSize;
        return (2 * width * width) + (2 * width * keys) + width + (2 * keys) // q, o, k, v and the biases of q, k, v
            + (3 * width * text.IntermediateSize)
            + (2 * width); // norms
    }

    /// <summary>The head and the norm before it.</summary>
    public static double Head(TextConfig text) => ((double)text.VocabularySize * text.HiddenSize) + text.HiddenSize;

    /// <summary>The weights that a decoding step of one token reads: all layers, the head, and a row of the embedding.</summary>
    public static double Decode(TextConfig text) => (text.Layers * Layer(text)) + Head(text) + text.HiddenSize;

    /// <summary>The vision tower.</summary>
    public static double Vision(ModelConfig config)
    {
        var vision = config.Vision;
        double width = vision.HiddenSize;
        double joined = width * vision.SpatialMergeSize * vision.SpatialMergeSize;
        double inner = vision.IntermediateSize;
        var mlp = config.Family == ModelFamily.Qwen2Vl
            ? (2 * width * inner) + inner + width
            : (3 * width * inner) + (2 * inner) + width;
        var norm = config.Family == ModelFamily.Qwen2Vl ? 2 * width : width;
        var block = (4 * width * width) + (4 * width) + mlp + (2 * norm);
        return (vision.InChannels * vision.TemporalPatchSize * vision.PatchSize * vision.PatchSize * width)
            + (vision.Depth * block)
            + norm + (joined * joined) + joined + (joined * vision.OutHiddenSize) + vision.OutHiddenSize;
    }
}
