using System.Text.Json;

namespace ActivationReplay.Text;

/// <summary>A JSON file with the errors of this folder: path, dotted key, what is wrong, what would be right.</summary>
internal sealed class JsonFile : IDisposable
{
    private readonly JsonDocument _document;

    private JsonFile(string path, JsonDocument document)
    {
        Path = path;
        _document = document;
    }

    public string Path { get; }

    public JsonElement Root => _document.RootElement;

    public static JsonFile Open(string path)
    {
        try
        {
            var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonFile(path, document)
                : throw new TokenizerException(path, null, "the file is not a JSON object", "It must be one");
        }
        catch (JsonException exception)
        {
            throw new TokenizerException(path, null, "the file is not valid JSON", exception.Message.TrimEnd('.'), exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException(path, null, "the file cannot be read", exception.Message.TrimEnd('.'), exception);
        }
    }

    public TokenizerException Error(string key, string problem, string remedy) => new(Path, key, problem, remedy);

    /// <summary>The value at the last part of a dotted key, looked up in the object that holds it.</summary>
    public JsonElement Require(JsonElement holder, string key, JsonValueKind kind)
    {
        if (holder.TryGetProperty(LastPart(key), out var value) && value.ValueKind == kind)
        {
            return value;
        }

        throw Error(key, value.ValueKind == JsonValueKind.Undefined ? "is missing" : $"is {value.ValueKind}", $"It must be {kind}");
    }

    /// <summary>True where the key is there and true.</summary>
    public bool Flag(JsonElement holder, string key)
    {
        if (!holder.TryGetProperty(LastPart(key), out var value) || value.ValueKind is JsonValueKind.Null or JsonValueKind.False)
        {
            return false;
        }

        return value.ValueKind == JsonValueKind.True ? true : throw Error(key, $"is {value.ValueKind}", "It must be true or false");
    }

    public void Dispose() => _document.Dispose();

    private static string LastPart(string key) => key[(key.LastIndexOf('.') + 1)..];
}
