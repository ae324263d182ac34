namespace ActivationReplay.Checkpoints;

/// <summary>The names of weights: the hub's of 2025 are canonical, those of newer libraries are mapped to them.</summary>
internal static class WeightKeys
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string Head = "lm_head.weight";

    private static readonly (string Stored, string Canonical)[] s_prefixes =
    [
        ("model.visual.", "visual."),
        ("model.language_model.", "model."),
    ];

    /// <summary>The hub's name for a stored name.</summary>
    public static string Canonical(string stored)
    {
        foreach (var (prefix, canonical) in s_prefixes)
        {
            if (stored.StartsWith(prefix, StringComparison.Ordinal))
            {
                return canonical + stored[prefix.Length..];
            }
        }

        return stored;
    }

    /// <summary>Whether a tensor is a constant that old libraries stored beside the weights, which no model asks for.</summary>
    public static bool IsConstant(string key) => key.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal)
        || key.EndsWith("rotary_pos_emb.inv_freq", StringComparison.Ordinal);
}
