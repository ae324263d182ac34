using System.Text.Json;
using System.Text.Json.Nodes;
using ActivationReplay.Replay;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>A JSON schema of configuration files, for editors, made from the keys that the reader knows.</summary>
internal static class ConfigSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Write()
    {
        var properties = new JsonObject();
        foreach (var (key, allowed, isList) in ConfigKeys.All)
        {
            Section(properties, key, out var leaf)[leaf] = Value(allowed, isList);
        }

        foreach (var axis in ReplayAxes.All)
        {
            Section(properties, $"replay.{axis.Key}", out var leaf)[leaf] = Value(axis.Allowed, isList: true);
        }

        foreach (var rule in new[] { "include", "exclude" })
        {
            var cell = new JsonObject { ["method"] = new JsonObject { ["enum"] = new JsonArray([.. ReplayMethods.Ids.Select(id => (JsonNode)id)]) } };
            foreach (var axis in ReplayAxes.All)
            {
                cell[axis.Key] = Value(axis.Allowed, isList: false);
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

    private static JsonObject Value(string description, bool isList)
    {
        var scalar = new JsonArray("string", "number", "boolean");
        var value = new JsonObject { ["description"] = description };
        value["type"] = isList ? new JsonArray("string", "number", "boolean", "array") : scalar;
        return value;
    }
}
