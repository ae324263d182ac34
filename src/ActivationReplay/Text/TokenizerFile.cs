using System.Text.Json;

namespace ActivationReplay.Text;

/// <summary>The contents of <c>tokenizer.json</c> and <c>tokenizer_config.json</c>, checked to be of the supported kind.</summary>
internal sealed class TokenizerFile
{
    private const int HighestId = 0xFFFFFF; // a bound on memory: decoding keeps a table by id

    private TokenizerFile(TokenizerJson file)
    {
        UsesCanonicalComposition = TokenizerPipeline.Check(file);
        var model = file.Require(file.Root, "model", JsonValueKind.Object);
        Vocabulary = ReadVocabulary(file, file.Require(model, "model.vocab", JsonValueKind.Object));
        Merges = ReadMerges(file, file.Require(model, "model.merges", JsonValueKind.Array));
        AddedTokens = file.Root.TryGetProperty("added_tokens", out var tokens) && tokens.ValueKind == JsonValueKind.Array
            ? [.. tokens.EnumerateArray().Select((token, index) => ReadAddedToken(file, token, $"added_tokens[{index}]"))]
            : [];
        if (AddedTokens.GroupBy(token => token.Content).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw file.Error("added_tokens", $"'{twice.Key}' stands there twice", "Each token needs its own id");
        }
    }

    /// <summary>Ids by token, in the byte-level alphabet, without the added tokens.</summary>
    public Dictionary<string, int> Vocabulary { get; }

    /// <summary>Pairs to merge, the first to be merged first, each as "left right".</summary>
    public List<string> Merges { get; }

    /// <summary>Tokens that are cut out of the text before anything else.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; private set; }

    /// <summary>True where text is brought to form C first.</summary>
    public bool UsesCanonicalComposition { get; }

    /// <summary>Reads the files of a checkpoint's folder.</summary>
    public static TokenizerFile Read(string folder)
    {
        var path = Path.Combine(folder, "tokenizer.json");
        var configPath = Path.Combine(folder, "tokenizer_config.json");
        var file = TokenizerJson.Read(path, json => new TokenizerFile(json));
        if (File.Exists(configPath))
        {
            file.AddedTokens = TokenizerJson.Read(configPath, file.WithTokensOf);
        }

        file.CheckIds(path);
        return file;
    }

    // transformers adds what the configuration lists beyond tokenizer.json, and takes its flags where both have a token.
    private IReadOnlyList<AddedToken> WithTokensOf(TokenizerJson config)
    {
        var tokens = AddedTokens.ToDictionary(token => token.Content);
        if (config.Root.TryGetProperty("added_tokens_decoder", out var decoder) && decoder.ValueKind == JsonValueKind.Object)
        {
            foreach (var entry in decoder.EnumerateObject())
            {
                var token = ReadDecoderToken(config, entry, tokens);
                tokens[token.Content] = token;
            }
        }

        foreach (var name in NamedTokens.Read(config).Where(name => name.Length > 0 && !tokens.ContainsKey(name)))
        {
            var next = Math.Max(Vocabulary.Count, tokens.Values.Select(token => token.Id + 1).DefaultIfEmpty().Max());
            tokens[name] = new AddedToken(Vocabulary.GetValueOrDefault(name, next), name, Special: true, Normalized: false);
        }

        return [.. tokens.Values];
    }

    private static AddedToken ReadDecoderToken(TokenizerJson config, JsonProperty entry, Dictionary<string, AddedToken> tokens)
    {
        var key = $"added_tokens_decoder.{entry.Name}";
        if (!int.TryParse(entry.Name, out var id))
        {
            throw config.Error(key, "the key is not an id", "It must be a whole number");
        }

        var token = ReadAddedToken(config, entry.Value, key, id);
        return tokens.TryGetValue(token.Content, out var known) && known.Id != id
            ? throw config.Error(key, $"{token.Content} has id {known.Id} in tokenizer.json", "They must agree")
            : token;
    }

    private void CheckIds(string path)
    {
        var owners = new Dictionary<int, string>(Vocabulary.Count + AddedTokens.Count);
        var added = AddedTokens.Select(token => KeyValuePair.Create(token.Content, token.Id));
        foreach (var (token, id) in Vocabulary.Concat(added))
        {
            if (id is < 0 or > HighestId || (!owners.TryAdd(id, token) && owners[id] != token))
            {
                throw new TokenizerException(
                    path,
                    "model.vocab",
                    $"id {id} of '{token}' is out of range or taken",
                    $"Each token needs its own, from 0 to {HighestId}");
            }
        }
    }

    private static Dictionary<string, int> ReadVocabulary(TokenizerJson file, JsonElement vocabulary)
    {
        var ids = new Dictionary<string, int>(vocabulary.GetPropertyCount(), StringComparer.Ordinal);
        foreach (var entry in vocabulary.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out var id))
            {
                throw file.Error($"model.vocab.{entry.Name}", "the id is not a whole number", "Ids are whole numbers from 0");
            }

            ids[entry.Name] = id;
        }

        foreach (var character in ByteLevelAlphabet.All)
        {
            if (!ids.ContainsKey(character.ToString()))
            {
                throw file.Error("model.vocab", $"no token '{character}'", "A byte-level vocabulary has all 256 byte symbols");
            }
        }

        return ids;
    }

    // ["a", "b"], or "a b" in files from before tokenizers 0.20.
    private List<string> ReadMerges(TokenizerJson file, JsonElement merges)
    {
        var pairs = new List<string>(merges.GetArrayLength());
        var lookup = Vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var merge in merges.EnumerateArray())
        {
            var pair = merge.ValueKind switch
            {
                JsonValueKind.String => merge.GetString()!,
                JsonValueKind.Array when merge.GetArrayLength() == 2 => $"{merge[0].GetString()} {merge[1].GetString()}",
                _ => string.Empty,
            };
            var space = pair.IndexOf(' ', StringComparison.Ordinal);
            if (space <= 0 || pair.IndexOf(' ', space + 1) >= 0 || !lookup.ContainsKey(pair.AsSpan(0, space))
                || !lookup.ContainsKey(pair.AsSpan(space + 1)) || !lookup.ContainsKey(pair.Remove(space, 1)))
            {
                throw file.Error(
                    $"model.merges[{pairs.Count}]",
                    $"'{pair}' is not a merge",
                    "It must join two tokens of the vocabulary to a third, as [\"a\", \"b\"] or \"a b\"");
            }

            pairs.Add(pair);
        }

        return pairs;
    }

    private static AddedToken ReadAddedToken(TokenizerJson file, JsonElement token, string key, int? id = null)
    {
        if (token.ValueKind != JsonValueKind.Object)
        {
            throw file.Error(key, "is not an object", "It must have content and flags");
        }

        foreach (var flag in (string[])["single_word", "lstrip", "rstrip"])
        {
            if (file.Flag(token, $"{key}.{flag}"))
            {
                throw file.Error(
                    $"{key}.{flag}", "true is not supported", "Only tokens that match their exact text wherever it stands are");
            }
        }

        return new AddedToken(
            id ?? file.Require(token, $"{key}.id", JsonValueKind.Number).GetInt32(),
            file.Require(token, $"{key}.content", JsonValueKind.String).GetString()!,
            file.Flag(token, $"{key}.special"),
            file.Flag(token, $"{key}.normalized"));
    }
}
