using System.Text.Json;
using System.Text.Json.Serialization;
using ActivationReplay.Files;
using ActivationReplay.Text;
using ActivationReplay.Vision;

namespace ActivationReplay.Ablations.Parity;

/// <summary>A <c>case.json</c>: the prompt, and what each model answered.</summary>
internal sealed record CaseFile
{
    public required string Pair { get; init; }

    public required IReadOnlyList<CaseMessage> Messages { get; init; }

    public long? MinPixels { get; init; }

    public long? MaxPixels { get; init; }

    public string? Prompt { get; init; }

    public int? Tokens { get; init; }

    public long? RopeDelta { get; init; }

    public IReadOnlyDictionary<string, CaseAnswer>? Models { get; init; }

    public static CaseFile Read(string path) => ParityJson.Read<CaseFile>(path);

    /// <summary>The conversation, media beside <paramref name="folder"/>'s case.json.</summary>
    public IReadOnlyList<ChatMessage> Conversation(string folder) =>
        [.. Messages.Select(m => new ChatMessage(m.Role, [.. m.Content.Select(c => Part(c, folder))]))];

    private static ContentPart Part(CaseContent content, string folder) => content.Type switch
    {
        "text" => new TextPart(content.Text!),
        "image" => new ImagePart(MediaFile.FromPath(Path.Combine(folder, content.Image!))),
        "video" => new VideoPart([.. content.Video!.Select(f => MediaFile.FromPath(Path.Combine(folder, f)))], content.Fps ?? 2),
        _ => throw new InvalidDataException($"{folder}: content of type '{content.Type}'; known are text, image, video."),
    };
}

internal sealed record CaseMessage(string Role, IReadOnlyList<CaseContent> Content);

internal sealed record CaseContent
{
    public required string Type { get; init; }

    public string? Text { get; init; }

    public string? Image { get; init; }

    public IReadOnlyList<string>? Video { get; init; }

    public double? Fps { get; init; }
}

internal sealed record CaseAnswer
{
    public IReadOnlyList<int>? GreedyIds { get; init; }

    public string? GreedyText { get; init; }

    public double? SmallestMargin { get; init; }
}

internal static class ParityJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <exception cref="InvalidDataException">The file is no such JSON; the message names it.</exception>
    public static T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Options)
                ?? throw new InvalidDataException($"{path} holds null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    public static void Write<T>(string path, T value)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.WriteBytes(path, JsonSerializer.SerializeToUtf8Bytes(value, Options));
    }
}
