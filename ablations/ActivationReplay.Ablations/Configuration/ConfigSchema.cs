using System.Text.Json;
using System.Text.Json.Nodes;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>A JSON schema of configuration files, for editors, made from the keys that the reader knows.</summary>
internal static class ConfigSchema
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write()
    {
        var properties = new JsonObject();
        foreach (var key in ConfigKeys.All)
        {
            Section(properties, key.Name, out var leaf)[leaf] = Value(key.Kind, key.IsList);
        }

        foreach (var axis in ReplayAxes.All)
        {
            Section(properties, $"replay.{axis.Key}", out var leaf)[leaf] = Value(axis.Kind, isList: true);
        }

        // Any other key of the section is a benchmark.
        properties["published"]!["additionalProperties"] = new JsonObject
        {
            ["description"] = "accuracy in percent: base, RLVR, RLVR with Activation Replay",
            ["type"] = "array",
            ["items"] = new JsonObject { ["type"] = "number", ["minimum"] = 0, ["maximum"] = 100 },
            ["minItems"] = 3,
            ["maxItems"] = 3,
        };
        foreach (var rule in new[] { "include", "exclude" })
        {
            var cell = new JsonObject { ["method"] = ValueKind.OneOf(ReplayMethods.Ids).Schema() };
            foreach (var axis in ReplayAxes.All)
            {
                cell[axis.Key] = Value(axis.Kind, isList: false);
            }

            properties[rule] = new JsonObject { ["type"] = "array", ["items"] = Closed(cell) };
        }

        var schema = Closed(properties);
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
        schema["title"] = "Activation Replay ablation";
        return schema.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Section(JsonObject properties, string key, out string leaf)
    {
        var at = key.IndexOf('.', StringComparison.Ordinal);
        leaf = key[(at + 1)..];
        if (at < 0)
        {
            return properties;
        }

        var section = properties[key[..at]] as JsonObject ?? Closed([]);
        properties[key[..at]] = section;
        return (JsonObject)section["properties"]!;
    }

    private static JsonObject Closed(JsonObject properties) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["properties"] = properties,
    };

    // Null is a key without a value, which the user supplies on the command line.
    private static JsonObject Value(ValueKind kind, bool isList)
    {
        var choices = new JsonArray { kind.Schema() };
        if (isList)
        {
            choices.Add(new JsonObject { ["type"] = "array", ["items"] = kind.Schema(), ["minItems"] = 1 });
        }

        choices.Add(new JsonObject { ["type"] = "null" });
        return new JsonObject { ["description"] = kind.Words, ["anyOf"] = choices };
    }
}
