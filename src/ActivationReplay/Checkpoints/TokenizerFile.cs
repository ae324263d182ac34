using System.Text.Json;

namespace ActivationReplay.Checkpoints;

/// <summary>
/// The parts of tokenizer.json that determine token ids: vocabulary, merges and added tokens, whatever their layout and order.
/// </summary>
internal sealed record TokenizerFile(
    IReadOnlyDictionary<int, string> Vocabulary,
    IReadOnlyList<string> Merges,
    IReadOnlyDictionary<int, string> AddedTokens)
{
    /// <summary>Describes the first difference between two files; null if they agree.</summary>
    /// <exception cref="CheckpointException">A file is no tokenizer.json.</exception>
    public static string? FirstDifference(string basePath, string rlvrPath)
    {
        if (JsonFile.Bytes(basePath).AsSpan().SequenceEqual(JsonFile.Bytes(rlvrPath)))
        {
            return null;
        }

        var (first, second) = (Read(basePath), Read(rlvrPath));
        return FirstDifference("vocabulary", first.Vocabulary, second.Vocabulary)
            ?? FirstDifference("added tokens", first.AddedTokens, second.AddedTokens)
            ?? FirstDifference("merges", Numbered(first.Merges), Numbered(second.Merges));
    }

    private static string? FirstDifference(
        string what, IReadOnlyDictionary<int, string> first, IReadOnlyDictionary<int, string> second)
    {
        foreach (var id in first.Keys.Union(second.Keys).Order())
        {
            var (ours, theirs) = (first.GetValueOrDefault(id), second.GetValueOrDefault(id));
            if (ours != theirs)
            {
                return $"{what}: number {id} is {Quote(theirs)}, but {Quote(ours)} in base";
            }
        }

        return null;
    }

    private static Dictionary<int, string> Numbered(IReadOnlyList<string> merges) =>
        merges.Index().ToDictionary(pair => pair.Index, pair => pair.Item);

    private static string Quote(string? text) => text is null ? "absent" : $"\"{text}\"";

    private static TokenizerFile Read(string path) => JsonFile.Read(path, json =>
    {
        try
        {
            var model = json.GetProperty("model");
            return new TokenizerFile(
                model.GetProperty("vocab").EnumerateObject().ToDictionary(pair => pair.Value.GetInt32(), pair => pair.Name),
                [.. model.GetProperty("merges").EnumerateArray().Select(Merge)],
                json.TryGetProperty("added_tokens", out var added)
                    ? added.EnumerateArray().ToDictionary(
                        token => token.GetProperty("id").GetInt32(), token => token.GetProperty("content").GetString()!)
                    : []);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new CheckpointException(
                path, $"is no byte-pair tokenizer.json with model.vocab, model.merges and added_tokens: {e.Message}", cause: e);
        }
    });

    /// <summary>Older files write a merge as "a b", newer ones as ["a", "b"].</summary>
    private static string Merge(JsonElement merge) => merge.ValueKind == JsonValueKind.Array
        ? string.Join(' ', merge.EnumerateArray().Select(part => part.GetString()))
        : merge.GetString()!;
}
