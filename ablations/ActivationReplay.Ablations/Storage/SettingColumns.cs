using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ActivationReplay.Ablations.Configuration;

namespace ActivationReplay.Ablations.Storage;

/// <summary>A row with the settings of its cell, so that it stands alone.</summary>
/// <typeparam name="T">The row.</typeparam>
internal interface ISettingRow<out T>
{
    SettingColumns Settings { get; }

    /// <summary>The row with other settings.</summary>
    T With(SettingColumns settings);
}

/// <summary>The settings of a cell as columns of tables; those that its method does not have are empty.</summary>
/// <param name="Values">By column.</param>
[JsonConverter(typeof(SettingColumnsJson))]
public sealed record SettingColumns(IReadOnlyDictionary<string, string> Values)
{
    private const string MethodColumn = "method";

    /// <summary>The columns in order: the method, the keys of methods, and those of the run.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [MethodColumn, .. SettingKeys.All.Select(k => k.Column).OfType<string>(), .. RunKeys.Select(k => k.Column!)];

    /// <summary>The method's name.</summary>
    public string Method => Values.GetValueOrDefault(MethodColumn, "");

    /// <summary>The tool of conversations, or null.</summary>
    public string? Tool => Values.GetValueOrDefault("tool") is { Length: > 0 } tool ? tool : null;

    private static IEnumerable<ConfigKey> RunKeys => ConfigKeys.All.Where(k => k.Column is not null);

    /// <summary>The columns of a cell.</summary>
    public static SettingColumns Of(RunConfig config, Cell cell)
    {
        var values = new Dictionary<string, string> { [MethodColumn] = cell.Method.Id };
        foreach (var key in SettingKeys.Of(cell.Settings))
        {
            if (key.Column is { } column && key.Text(cell.Settings) is { } text)
            {
                values[column] = text;
            }
        }

        foreach (var key in RunKeys)
        {
            var text = key is GenerationKey generation
                ? Convert.ToString(generation.Value(config.Generation), CultureInfo.InvariantCulture)
                : key.OfCell is { } ofCell ? ofCell(cell) : key.Read!(config);
            values[key.Column!] = text ?? "";
        }

        return new SettingColumns(values);
    }

    /// <summary>Whether all values are equal.</summary>
    public bool Equals(SettingColumns? other) => other is not null && Given().SequenceEqual(other.Given());

    /// <inheritdoc/>
    public override int GetHashCode() => Values.Count;

    /// <summary>Those with a value, in order.</summary>
    public IEnumerable<(string Name, string Value)> Given() =>
        Names.Where(Values.ContainsKey).Select(name => (name, Values[name])).Where(v => v.Item2.Length > 0);
}

/// <summary>An object of columns; numbers of an earlier version are read as their text.</summary>
internal sealed class SettingColumnsJson : JsonConverter<SettingColumns>
{
    public override SettingColumns Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var json = JsonDocument.ParseValue(ref reader);
        return new SettingColumns(json.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString()));
    }

    public override void Write(Utf8JsonWriter writer, SettingColumns value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, text) in value.Given())
        {
            writer.WriteString(name, text);
        }

        writer.WriteEndObject();
    }
}
