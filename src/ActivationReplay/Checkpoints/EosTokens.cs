namespace ActivationReplay.Checkpoints;

/// <summary>Reads the token ids that end an answer, which a folder gives in one of two files, as a number or a list.</summary>
internal static class EosTokens
{
    /// <summary>The ids of generation_config.json if it has any, else those of config.json.</summary>
    public static IReadOnlyList<int> Read(string folder, int vocabulary)
    {
        var generation = Path.Combine(folder, "generation_config.json");
        var ids = File.Exists(generation) ? ReadFile(generation, vocabulary) : [];
        return ids.Count > 0 ? ids : ReadFile(Path.Combine(folder, "config.json"), vocabulary);
    }

    private static IReadOnlyList<int> ReadFile(string path, int vocabulary) => JsonFile.Read(path, json =>
    {
        const string Key = "eos_token_id";
        var root = new ConfigSection(path, "", json);
        var section = root.Has(Key) ? root : root.Section("text_config") ?? root;
        var ids = section.OneOrMore(Key);
        return ids.All(id => id < vocabulary)
            ? ids
            : throw section.Wrong(Key, $"must be one or more ids below vocab_size {vocabulary}");
    });
}
