using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>A cell as an object of <c>id</c>, <c>method</c> by name, <c>settings</c> in the record that the method takes, and where there is one <c>tool</c>.</summary>
internal sealed class CellJson : JsonConverter<Cell>
{
    public override Cell Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var cell = JsonNode.Parse(ref reader) as JsonObject ?? throw new JsonException("A cell is an object.");
        var name = (string?)cell["method"] ?? throw new JsonException("A cell names its method.");
        if (!ReplayMethods.TryGet(name, out var method))
        {
            throw new JsonException($"This program has no method '{name}'; register it first. Known: {string.Join(", ", ReplayMethods.Ids)}.");
        }

        var kind = method.Defaults(PublishedDepth.Layers).GetType();
        return new Cell(
            (string?)cell["id"] ?? throw new JsonException("A cell has an id."),
            method,
            (MethodSettings?)cell["settings"].Deserialize(kind, options) ?? throw new JsonException($"Cell '{cell["id"]}' has settings."),
            (string?)cell["tool"]);
    }

    public override void Write(Utf8JsonWriter writer, Cell value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("id", value.Id);
        writer.WriteString("method", value.Method.Id);
        if (value.Tool is { } tool)
        {
            writer.WriteString("tool", tool);
        }

        writer.WritePropertyName("settings");
        JsonSerializer.Serialize(writer, value.Settings, value.Settings.GetType(), options);
        writer.WriteEndObject();
    }
}
