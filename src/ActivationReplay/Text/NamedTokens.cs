using System.Text.Json;

namespace ActivationReplay.Text;

/// <summary>
/// The special tokens that <c>tokenizer_config.json</c> names: one by one (<c>eos_token</c>), in a list
/// (<c>extra_special_tokens</c>, once <c>additional_special_tokens</c>), or in a list with names of their own.
/// </summary>
internal static class NamedTokens
{
    // In the order in which transformers adds those that tokenizer.json lacks, which decides their ids.
    private static readonly string[] s_keys =
    [
        "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
        "model_specific_special_tokens", "additional_special_tokens", "extra_special_tokens",
    ];

    /// <summary>The texts of the named tokens, possibly with repetitions.</summary>
    /// <exception cref="TokenizerException">A token is neither text nor an object with content.</exception>
    public static IEnumerable<string> Read(TokenizerJson config) => s_keys.SelectMany(key =>
        config.Root.TryGetProperty(key, out var value) ? Contents(config, value, key) : []);

    private static IEnumerable<string> Contents(TokenizerJson config, JsonElement value, string key) => value.ValueKind switch
    {
        JsonValueKind.Null => [],
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().SelectMany((item, i) => Contents(config, item, $"{key}[{i}]")),
        JsonValueKind.Object when value.TryGetProperty("content", out var content) => Contents(config, content, $"{key}.content"),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(item => Contents(config, item.Value, $"{key}.{item.Name}")),
        _ => throw config.Error(key, $"is {value.ValueKind}", "A token is its text, or an object with content"),
    };
}
