using System.Text.Json;

namespace ActivationReplay.Checkpoints;

/// <summary>Reads the JSON files of a checkpoint; whatever is wrong with them is a <see cref="CheckpointException"/>.</summary>
internal static class JsonFile
{
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads a file and returns what <paramref name="read"/> makes of its top-level object.</summary>
    /// <exception cref="CheckpointException">The file is absent, unreadable, or not one JSON object.</exception>
    public static T Read<T>(string path, Func<JsonElement, T> read) => Parse(path, path, Bytes(path), read);

    /// <summary>
    /// Parses JSON that is a part of a file and is named <paramref name="what"/> in errors; returns what <paramref name="read"/>
    /// makes of it.
    /// </summary>
    public static T Parse<T>(string path, string what, ReadOnlyMemory<byte> bytes, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, s_strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(document.RootElement)
                : throw new JsonException($"it is a {document.RootElement.ValueKind}, where an object is needed");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Text that is no Unicode shows only when it is used, as InvalidOperationException.
            throw new CheckpointException(path, $"{(what == path ? "this" : what)} is not valid JSON: {e.Message}", cause: e);
        }
    }

    /// <summary>A file's contents.</summary>
    /// <exception cref="CheckpointException">The file is absent or unreadable.</exception>
    public static byte[] Bytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(path, "there is no such file; a Hugging Face checkpoint folder has it", cause: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {e.Message}", cause: e);
        }
    }
}
