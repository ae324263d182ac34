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
            Section(properties, key.Name, out var leaf)[leaf] = Value(key.Kind, key.IsList, key.Description);
        }

        foreach (var key in SettingKeys.All)
        {
            Section(properties, SettingKeys.Section + key.Name, out var leaf)[leaf] = Value(key.Kind, isList: true, key.Description);
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
            foreach (var key in SettingKeys.All)
            {
                cell[key.Name] = Value(key.Kind, isList: false, key.Description);
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
    private static JsonObject Value(ValueKind kind, bool isList, string? description)
    {
        var choices = new JsonArray { kind.Schema() };
        if (isList)
        {
            choices.Add(new JsonObject { ["type"] = "array", ["items"] = kind.Schema(), ["minItems"] = 1 });
        }

        choices.Add(new JsonObject { ["type"] = "null" });
        return new JsonObject { ["description"] = description is null ? kind.Words : $"{description} Allowed: {kind.Words}.", ["anyOf"] = choices };
    }
}
