namespace ActivationReplay.Checkpoints;

/// <summary>Shapes and constants of the decoder, as config.json states them.</summary>
/// <remarks>
/// Read by <see cref="ModelConfig.Load"/>, which checks that the numbers fit together: heads divide the width, KV heads
/// divide the heads, and the mRoPE sections fill half a head.
/// </remarks>
public sealed record TextConfig
{
    /// <summary>Width of the hidden states, d.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Number of decoder layers, L.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads of a layer.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads of a layer; divides <see cref="Heads"/>.</summary>
    public required int KvHeads { get; init; }

    /// <summary>Width of a head: <see cref="HiddenSize"/> / <see cref="Heads"/>.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Width inside the SwiGLU block.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Rows of the embedding and of the head, V; at least the tokenizer's size.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>ε of the RMS norms.</summary>
    public required double RmsNormEpsilon { get; init; }

    /// <summary>Base of the rotary frequencies.</summary>
    public required double RopeTheta { get; init; }

    /// <summary>How many frequencies follow the temporal, height and width positions; together half a head.</summary>
    public required IReadOnlyList<int> MropeSection { get; init; }

    /// <summary>
    /// Whether the head is the embedding matrix itself. The top level decides where it says so, as in transformers 5, some
    /// versions of which write false into every <c>text_config</c>.
    /// </summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>Tokens the model was made for.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Reads the decoder's part: <c>text_config</c>, or the top level of configs that have none.</summary>
    internal static TextConfig Read(ConfigSection root)
    {
        var text = root.Section("text_config") ?? root;
        RefuseOtherAttention(text);
        var hidden = text.Positive("hidden_size");
        var heads = text.Positive("num_attention_heads");
        var kvHeads = text.Positive("num_key_value_heads", heads);
        if (hidden % heads != 0)
        {
            throw text.Wrong("num_attention_heads", $"must divide hidden_size {hidden}");
        }

        if (heads % kvHeads != 0)
        {
            throw text.Wrong("num_key_value_heads", $"must divide num_attention_heads {heads}");
        }

        var headSize = text.Positive("head_dim", hidden / heads);
        if (headSize != hidden / heads)
        {
            throw text.Wrong("head_dim", $"must be hidden_size / num_attention_heads = {hidden / heads}");
        }

        // rope_parameters in transformers 5, which takes the older name first; by type of layer where a model has several.
        var shared = text.Section("rope_scaling") ?? text.Section("rope_parameters")
            ?? throw text.Wrong("rope_scaling", "must be an object with mrope_section, or rope_parameters must be one");
        var rope = shared.Section("full_attention") ?? shared;
        return new TextConfig
        {
            HiddenSize = hidden,
            Layers = text.Positive("num_hidden_layers"),
            Heads = heads,
            KvHeads = kvHeads,
            HeadSize = headSize,
            IntermediateSize = text.Positive("intermediate_size"),
            VocabularySize = text.Positive("vocab_size"),
            RmsNormEpsilon = text.PositiveNumber("rms_norm_eps", 1e-5),
            RopeTheta = rope.PositiveNumber(
                "rope_theta", shared.PositiveNumber("rope_theta", text.PositiveNumber("rope_theta", 1e6))),
            MropeSection = ReadMropeSection(rope, headSize),
            TieWordEmbeddings = root.Flag("tie_word_embeddings", text.Flag("tie_word_embeddings", false)),
            MaxPositions = text.Positive("max_position_embeddings", 32768),
        };
    }

    private static void RefuseOtherAttention(ConfigSection text)
    {
        if (text.Text("hidden_act") is { } activation and not "silu")
        {
            throw text.Wrong("hidden_act", $"must be \"silu\": {activation} is not supported");
        }

        if (text.Flag("use_sliding_window", false))
        {
            throw text.Wrong("use_sliding_window", "must be false: sliding-window attention is not supported");
        }

        if (text.Texts("layer_types").Any(type => type != "full_attention"))
        {
            throw text.Wrong("layer_types", "must hold full_attention alone: other attention is not supported");
        }
    }

    private static IReadOnlyList<int> ReadMropeSection(ConfigSection rope, int headSize)
    {
        foreach (var key in new[] { "type", "rope_type" })
        {
            if (rope.Text(key) is not (null or "mrope" or "default"))
            {
                throw rope.Wrong(key, "must be \"mrope\" or \"default\": other rotary scalings are not supported");
            }
        }

        var section = rope.Integers("mrope_section");
        return section is { Count: 3 } && section.Sum(part => (long)part) * 2 == headSize
            ? section
            : throw rope.Wrong("mrope_section", $"must be three numbers whose sum is half a head, {headSize} / 2");
    }
}
