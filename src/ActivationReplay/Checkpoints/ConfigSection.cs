using System.Text.Json;

namespace ActivationReplay.Checkpoints;

/// <summary>One object of a JSON file, read key by key. A key that is null counts as absent, as in transformers.</summary>
internal sealed class ConfigSection(string path, string prefix, JsonElement json)
{
    /// <summary>The file.</summary>
    public string Path => path;

    public IEnumerable<string> Keys => json.EnumerateObject().Select(property => property.Name);

    public bool Has(string key) => Find(key) is not null;

    public bool IsList(string key) => Find(key) is { ValueKind: JsonValueKind.Array };

    public ConfigSection? Section(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new ConfigSection(path, $"{prefix}{key}.", value),
        _ => throw Wrong(key, "must be an object"),
    };

    /// <summary>The objects of a list.</summary>
    public IEnumerable<ConfigSection> Sections(string key) =>
        Find(key) is { ValueKind: JsonValueKind.Array } list && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object)
            ? list.EnumerateArray().Select((item, i) => new ConfigSection(path, $"{prefix}{key}[{i}].", item))
            : throw Wrong(key, "must be a list of objects");

    /// <summary>A whole number of at least 1. Without a default the key must be there.</summary>
    public int Positive(string key, int? absent = null) => Whole(key, 1, absent);

    /// <summary>A whole number of at least 0, such as a token id.</summary>
    public int NotNegative(string key, int? absent = null) => Whole(key, 0, absent);

    public double PositiveNumber(string key, double absent) => Find(key) switch
    {
        null => absent,
        { ValueKind: JsonValueKind.Number } value when value.TryGetDouble(out var number)
            && number > 0 && double.IsFinite(number) => number,
        _ => throw Wrong(key, "must be a number over 0"),
    };

    public bool Flag(string key, bool absent) => Find(key) switch
    {
        null => absent,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(key, "must be true or false"),
    };

    public string? Text(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw Wrong(key, "must be text"),
    };

    public string RequiredText(string key) => Text(key) ?? throw Wrong(key, "must be text");

    /// <summary>A number as it is written, or text: what an enumeration of Python may be.</summary>
    public string? NumberOrText(string key) => Find(key) is { ValueKind: JsonValueKind.Number } number ? number.GetRawText() : Text(key);

    /// <summary>A list of whole numbers of at least 0, or null where the key is absent.</summary>
    public IReadOnlyList<int>? Integers(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(item =>
            Number(item, 0) ?? throw Wrong(key, "must be a list of whole numbers of at least 0"))],
        _ => throw Wrong(key, "must be a list of whole numbers of at least 0"),
    };

    /// <summary>A list of finite numbers, or null where the key is absent.</summary>
    public IReadOnlyList<double>? Numbers(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(item =>
            item.ValueKind == JsonValueKind.Number && item.TryGetDouble(out var number) && double.IsFinite(number)
                ? number
                : throw Wrong(key, "must be a list of numbers"))],
        _ => throw Wrong(key, "must be a list of numbers"),
    };

    /// <summary>One whole number or a list of them; empty where the key is absent.</summary>
    public IReadOnlyList<int> OneOrMore(string key) => Find(key) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Number } => [NotNegative(key)],
        _ => Integers(key)!,
    };

    public IReadOnlyList<string?> Texts(string key) => Find(key) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(item =>
            item.ValueKind == JsonValueKind.String ? item.GetString() : throw Wrong(key, "must be a list of texts"))],
        _ => throw Wrong(key, "must be a list of texts"),
    };

    /// <summary>The error that names the key, the value it has and what would be right.</summary>
    public CheckpointException Wrong(string key, string rule) => new(
        path, Find(key) is { } value ? $"{prefix}{key} is {Brief(value)}; it {rule}" : $"{prefix}{key} is absent; it {rule}");

    private int Whole(string key, int least, int? absent) => Find(key) is not { } value
        ? absent ?? throw Wrong(key, $"must be a whole number of at least {least}")
        : Number(value, least) ?? throw Wrong(key, $"must be a whole number of at least {least}");

    private static int? Number(JsonElement value, int least) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least ? number : null;

    private JsonElement? Find(string key) =>
        json.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string Brief(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 80 ? text : text[..80] + "…";
    }
}
