using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Lens;

namespace ActivationReplay.Ablations.Planning;

/// <summary>
/// What the passes of one model take of memory, in bytes, from shapes alone. The counts follow the passes tensor by tensor, in
/// units of a state's width: those of a layer live until it ends, states of all layers until the pass ends.
/// results/benchmarks/memory-plan.md has them beside what was measured.
/// </summary>
/// <param name="config">The model's shapes.</param>
/// <param name="element">Bytes of a weight and of a state.</param>
/// <param name="onCpu">Whether it is on the CPU.</param>
internal sealed class ModelMemory(ModelConfig config, int element, bool onCpu)
{
    private const int Float = 4;
    private const int BlockQueries = 64; // of the kernels' attention

    private readonly TextConfig text = config.Text;
    private readonly bool kernels = onCpu && element == Float;

    /// <summary>Bytes of an element.</summary>
    public int Element => element;

    /// <summary>Whether it is on the CPU.</summary>
    public bool OnCpu => onCpu;

    /// <summary>Whether the C# kernels compute.</summary>
    public bool Kernels => kernels;

    /// <summary>D, the width of states.</summary>
    public long Width => text.HiddenSize;

    /// <summary>L.</summary>
    public int Layers => text.Layers;

    /// <summary>The width of all keys of a position.</summary>
    public long Keys => (long)text.KvHeads * text.HeadSize;

    /// <summary>The width inside the SwiGLU.</summary>
    public long Inner => text.IntermediateSize;

    /// <summary>H.</summary>
    public long Heads => text.Heads;

    /// <summary>V.</summary>
    public long Vocabulary => text.VocabularySize;

    /// <summary>fp32 copies in the norms of other types, in widths.</summary>
    private long Wider => element == Float ? 0 : 4;

    /// <summary>A prompt's patches on the CPU.</summary>
    public long Pixels(PromptShape prompt) =>
        (long)prompt.Patches * config.Vision.InChannels * config.Vision.TemporalPatchSize * config.Vision.PatchSize * config.Vision.PatchSize * Float;

    /// <summary>Features and embeddings of a prompt, which stay as long as it is worked on.</summary>
    public long Encoded(PromptShape prompt) => ((long)prompt.Visual + prompt.Length) * Width * element;

    /// <summary>The vision tower, beside its features: a block's tensors, of which the next needs none but the result.</summary>
    public long Vision(PromptShape prompt)
    {
        long patches = prompt.Patches, width = config.Vision.HiddenSize, inner = config.Vision.IntermediateSize;
        var patchesInType = element == Float ? 0 : Pixels(prompt) / Float * element;
        var block = patches * element * ((24 + (2 * Wider)) * width + (3 * inner));
        return patchesInType + block;
    }

    /// <summary>One decoder layer over some positions, with keys of those before them.</summary>
    public long Layer(long positions, long before = 0)
    {
        // Norms, rotated queries, attention with its copies by block, projections, the two sums; keys and values; gate, up, product.
        var states = positions * element * ((15 + (2 * Wider)) * Width + (6 * Keys) + (3 * Inner));
        // Scores and weights of the kernels' attention; the fused one has none, but repeats keys and values for each query head.
        var attention = kernels
            ? 2 * Scores(positions, before) + Mask(positions + before)
            : 2 * (positions + before) * Width * element;
        return states + attention;
    }

    /// <summary>Attention weights of some positions and all heads: the causal half, in blocks.</summary>
    public long Scores(long positions, long before) =>
        Heads * positions * (before + (positions / 2) + (BlockQueries / 2)) * Float;

    /// <summary>Top tokens or entropies of rows over the whole vocabulary, so many at a time.</summary>
    public long Lens(long rows, long? most)
    {
        var chunk = Math.Min(rows, most ?? LogitLens.DefaultRows((int)Vocabulary));
        // Logits in the type, in fp32, their logarithms, their probabilities.
        return chunk * ((Vocabulary * (element + (element == Float ? 0 : Float) + (2 * Float))) + ((2 + Wider) * Width * element));
    }

    /// <summary>States of a recording.</summary>
    public long States(int layers, long positions) => layers * positions * Width * element;

    /// <summary>Making a recording, beside its states: the pass with all its states, and the lens over them.</summary>
    public long Recording(int layers, long positions, long length, long? vocabularyRows)
    {
        var pass = States(layers, length) + Math.Max(Layer(length), States(layers, positions));
        var lens = Lens(layers * positions, vocabularyRows);
        // The C library keeps the small blocks of the pass for later ones, beside the lens's large ones; a GPU's allocator uses them again.
        return onCpu ? pass + lens : Math.Max(pass, lens);
    }

    /// <summary>Keys and values of sequences.</summary>
    public long Cache(long rows, long positions) => rows * positions * text.Layers * 2 * Keys * element;

    /// <summary>The pass over a prompt before its first new token, with a cache of its own, beside that of the batch.</summary>
    public long Prefill(PromptShape prompt) =>
        Cache(1, prompt.Length) + States(text.Layers + 1, prompt.Length) + Layer(prompt.Length) + (2L * prompt.Length * Width * element);

    /// <summary>Answers: the batch's cache, and what its prompts and its steps take in turn.</summary>
    public long Generation(PromptShape prompt, long rows, long newTokens, bool draws, bool restricts)
    {
        var (prefill, decode) = (Prefill(prompt), Decode(rows, draws, restricts));
        // As of a recording: the C library keeps what a prefill gave back.
        return Cache(rows, prompt.Length + newTokens - 1) + (onCpu ? prefill + decode : Math.Max(prefill, decode));
    }

    /// <summary>A decoding step: logits of all rows, and in fp64 what draws from them.</summary>
    public long Decode(long rows, bool draws, bool restricts)
    {
        // On the CPU answers can share a row, of which each draws from a copy.
        var doubles = !draws ? 0 : restricts ? (onCpu ? 8 : 6) : onCpu ? 5 : 4;
        return (rows * Vocabulary * ((2 * element) + (doubles * sizeof(double))))
            + (rows * element * ((15 * Width) + (6 * Keys) + (3 * Inner)));
    }

    // 0 and −∞ for the blocks of causal attention, kept from call to call: twice as wide as was asked for.
    private long Mask(long keys) => BlockQueries * (Heads / text.KvHeads) * 2 * (keys + BlockQueries) * Float;
}
