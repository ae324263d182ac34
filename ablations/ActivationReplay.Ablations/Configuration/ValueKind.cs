using System.Globalization;
using System.Text.Json.Nodes;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>What a value of a configuration may be: in words, for errors and help, and as JSON schema, for editors.</summary>
/// <param name="Words">What is allowed.</param>
/// <param name="Schema">The schema of one value.</param>
internal sealed record ValueKind(string Words, Func<JsonObject> Schema)
{
    /// <summary>A whole number.</summary>
    public static ValueKind Whole(int least, string? more = null) => new(
        string.Create(CultureInfo.InvariantCulture, $"a whole number from {least}") + (more is null ? "" : $"; {more}"),
        () => new JsonObject { ["type"] = "integer", ["minimum"] = least });

    /// <summary>A number from 0.</summary>
    public static ValueKind NotNegative(string? more = null) => new(
        "a number from 0" + (more is null ? "" : $"; {more}"), () => new JsonObject { ["type"] = "number", ["minimum"] = 0 });

    /// <summary>A number above 0.</summary>
    public static ValueKind Positive { get; } = new(
        "a number above 0", () => new JsonObject { ["type"] = "number", ["exclusiveMinimum"] = 0 });

    /// <summary>A part of 1.</summary>
    public static ValueKind Share { get; } = new(
        "above 0 and at most 1", () => new JsonObject { ["type"] = "number", ["exclusiveMinimum"] = 0, ["maximum"] = 1 });

    /// <summary>One of some words.</summary>
    public static ValueKind OneOf(IReadOnlyCollection<string> values) => new(
        string.Join(", ", values), () => new JsonObject { ["enum"] = new JsonArray([.. values.Select(v => (JsonNode)v)]) });

    /// <summary>One of an enumeration, in kebab case.</summary>
    public static ValueKind OneOf<T>()
        where T : struct, Enum => OneOf([.. Enum.GetValues<T>().Select(v => ConfigValue.Kebab(v))]);

    /// <summary>A text.</summary>
    public static ValueKind Text(string words) => new(words, () => new JsonObject { ["type"] = "string" });

    /// <summary>A text or a number, in a form of its own.</summary>
    public static ValueKind Form(string words) => new(words, () => new JsonObject { ["type"] = new JsonArray("string", "number") });
}
