using System.Text.Json;
using ActivationReplay.Checkpoints;
using ActivationReplay.Text;
using ActivationReplay.Vision;

namespace ActivationReplay.Tests.Text;

/// <summary>What <c>case.json</c> and <c>expected.safetensors</c> say about a case's text.</summary>
internal sealed record GoldenCase(
    string Pair, IReadOnlyList<ChatMessage> Messages, string Prompt, int[] InputIds, IReadOnlyList<(int[] Ids, string Text)> Greedy)
{
    public static GoldenCase Read(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Goldens.PathOf("cases", name, "case.json")));
        using var expected = SafetensorsFile.Open(Goldens.PathOf("cases", name, "expected.safetensors"));
        using var ids = expected.Read("input_ids");
        var root = json.RootElement;
        return new GoldenCase(
            root.GetProperty("pair").GetString()!,
            [.. root.GetProperty("messages").EnumerateArray().Select(ReadMessage)],
            root.GetProperty("prompt").GetString()!,
            [.. ids.data<long>().ToArray().Select(id => (int)id)],
            [.. root.GetProperty("models").EnumerateObject().Select(model => (
                model.Value.GetProperty("greedy_ids").EnumerateArray().Select(id => id.GetInt32()).ToArray(),
                model.Value.GetProperty("greedy_text").GetString()!))]);
    }

    private static ChatMessage ReadMessage(JsonElement message) => new(
        message.GetProperty("role").GetString()!, [.. message.GetProperty("content").EnumerateArray().Select(ReadPart)]);

    private static ContentPart ReadPart(JsonElement part) => part.GetProperty("type").GetString() switch
    {
        "text" => new TextPart(part.GetProperty("text").GetString()!),
        "image" => new ImagePart(MediaFile.FromPath(part.GetProperty("image").GetString()!)),
        "video" => new VideoPart(
            [.. part.GetProperty("video").EnumerateArray().Select(frame => MediaFile.FromPath(frame.GetString()!))],
            part.GetProperty("fps").GetDouble()),
        var type => throw new NotSupportedException($"No part of a message has type {type}."),
    };
}
