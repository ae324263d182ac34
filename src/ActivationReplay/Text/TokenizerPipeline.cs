using System.Text.Json;

namespace ActivationReplay.Text;

/// <summary>
/// Refuses a <c>tokenizer.json</c> whose steps are not Qwen's: form C or no normaliser, the split by
/// <see cref="QwenPreTokenizer.Pattern"/>, byte-level BPE.
/// </summary>
internal static class TokenizerPipeline
{
    /// <summary>True where the file asks for form C.</summary>
    /// <exception cref="TokenizerException">A step is of another kind.</exception>
    public static bool Check(TokenizerJson file)
    {
        CheckPreTokenizer(file);
        CheckModel(file);
        Allow(file, Find(file.Root, "decoder"), "decoder.type", "ByteLevel");
        Allow(file, Find(file.Root, "post_processor"), "post_processor.type", "ByteLevel", null);
        Allow(file, Find(file.Root, "normalizer"), "normalizer.type", "NFC", null);
        return Find(file.Root, "normalizer").ValueKind == JsonValueKind.Object;
    }

    private static void CheckPreTokenizer(TokenizerJson file)
    {
        var sequence = file.Require(file.Root, "pre_tokenizer", JsonValueKind.Object);
        Allow(file, sequence, "pre_tokenizer.type", "Sequence");
        var steps = file.Require(sequence, "pre_tokenizer.pretokenizers", JsonValueKind.Array);
        if (steps.GetArrayLength() != 2)
        {
            throw file.Error(
                "pre_tokenizer.pretokenizers", $"{steps.GetArrayLength()} steps", "Supported are two: Split and ByteLevel");
        }

        const string Split = "pre_tokenizer.pretokenizers[0]", ByteLevel = "pre_tokenizer.pretokenizers[1]";
        Allow(file, steps[0], $"{Split}.type", "Split");
        Allow(file, steps[0], $"{Split}.behavior", "Isolated");
        Allow(file, steps[0], $"{Split}.invert", "False", null);
        var pattern = file.Require(steps[0], $"{Split}.pattern", JsonValueKind.Object);
        Allow(file, pattern, $"{Split}.pattern.Regex", QwenPreTokenizer.Pattern);
        Allow(file, steps[1], $"{ByteLevel}.type", "ByteLevel");
        Allow(file, steps[1], $"{ByteLevel}.add_prefix_space", "False");
        Allow(file, steps[1], $"{ByteLevel}.use_regex", "False");
    }

    private static void CheckModel(TokenizerJson file)
    {
        var model = file.Require(file.Root, "model", JsonValueKind.Object);
        Allow(file, model, "model.type", "BPE");
        Allow(file, model, "model.dropout", null, "0", "0.0");
        Allow(file, model, "model.continuing_subword_prefix", null, string.Empty);
        Allow(file, model, "model.end_of_word_suffix", null, string.Empty);
        Allow(file, model, "model.byte_fallback", null, "False");
        Allow(file, model, "model.ignore_merges", null, "False");
    }

    private static JsonElement Find(JsonElement holder, string name) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out var value) ? value : default;

    // The value at the key must be one of those allowed; null allows absence as well.
    private static void Allow(TokenizerJson file, JsonElement holder, string key, params string?[] allowed)
    {
        var value = Find(holder, key[(key.LastIndexOf('.') + 1)..]);
        var text = value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : value.ToString();
        if (!allowed.Contains(text))
        {
            var names = string.Join(" or ", allowed.Select(Quote));
            throw file.Error(key, $"{Quote(text)} is not supported", $"Supported is {names}");
        }
    }

    private static string Quote(string? value) => value is null ? "null" : $"'{value}'";
}
