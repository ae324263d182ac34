using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Vision;

namespace ActivationReplay.Benchmarks.Counting;

/// <summary>
/// Operations of the parts of a model. Counted: matrix products (2 · rows · in · out) and attention (QKᵀ and PV,
/// 2 · width each for every pair of a query and a key it sees; masked pairs are not needed). Not counted, since they grow
/// with rows · width alone: norms, biases, activations, rotations, softmax, the optimiser's step.
/// </summary>
internal static class FlopCount
{
    /// <summary>y = x Wᵀ for <paramref name="rows"/> rows.</summary>
    public static double Linear(double rows, double inFeatures, double outFeatures) => 2 * rows * inFeatures * outFeatures;

    /// <summary>QKᵀ and PV over <paramref name="pairs"/> of query and key, heads together <paramref name="width"/> wide.</summary>
    public static double Attention(double pairs, double width) => 4 * pairs * width;

    /// <summary>Pairs of <paramref name="queries"/> causal queries that follow <paramref name="before"/> other keys.</summary>
    public static double CausalPairs(double before, double queries) => (before * queries) + (queries * (queries + 1) / 2);

    /// <summary>The products of a decoder layer with keys and values at some rows and outputs at some, without attention.</summary>
    public static double LayerProducts(TextConfig text, double keyRows, double outputRows)
    {
        double width = text.HiddenSize;
        return (2 * Linear(keyRows, width, text.KvHeads * text.HeadSize)) // k, v
            + (2 * Linear(outputRows, width, width)) // q, o
            + (3 * Linear(outputRows, width, text.IntermediateSize)); // gate, up, down
    }

    /// <summary>All layers over a prompt of <paramref name="rows"/> tokens.</summary>
    public static double Decoder(TextConfig text, int layers, double rows) =>
        layers * (LayerProducts(text, rows, rows) + Attention(CausalPairs(0, rows), text.HiddenSize));

    /// <summary>All layers for one token that follows <paramref name="held"/> others.</summary>
    public static double DecodeStep(TextConfig text, double held) =>
        text.Layers * (LayerProducts(text, 1, 1) + Attention(held + 1, text.HiddenSize));

    /// <summary><paramref name="tokens"/> logits at each of some rows.</summary>
    public static double Head(TextConfig text, double rows, double tokens) => Linear(rows, text.HiddenSize, tokens);

    /// <summary>The vision tower over media of these grids.</summary>
    public static double Vision(ModelConfig config, IReadOnlyList<PatchGrid> grids)
    {
        var vision = config.Vision;
        double patches = grids.Sum(g => (double)g.Count);
        double width = vision.HiddenSize;
        double unit = vision.SpatialMergeSize * vision.SpatialMergeSize;
        var layout = new VisionLayout(vision, grids);
        var full = layout.Media.Sum(m => (double)m.Frames * m.FrameLength * m.FrameLength);
        var windowed = layout.Media.Sum(m => m.Windows.Sum(run => (double)m.Frames * run.Count * run.Length * run.Length));
        var fullBlocks = vision.WindowSize > 0 ? vision.FullAttentionBlocks.Count : vision.Depth;
        var perBlock = Linear(patches, width, 3 * width) // qkv
            + Linear(patches, width, width) // proj
            + ((config.Family == ModelFamily.Qwen2Vl ? 2 : 3) * Linear(patches, width, vision.IntermediateSize));
        return Linear(patches, vision.InChannels * vision.TemporalPatchSize * vision.PatchSize * vision.PatchSize, width)
            + (vision.Depth * perBlock)
            + Attention((fullBlocks * full) + ((vision.Depth - fullBlocks) * windowed), width)
            + Linear(patches / unit, width * unit, width * unit)
            + Linear(patches / unit, width * unit, vision.OutHiddenSize);
    }
}
