using System.Text.Json;

namespace ActivationReplay.Text;

/// <summary>A JSON file with the errors of this folder: path, dotted key, what is wrong, what would be right.</summary>
internal sealed class TokenizerJson
{
    private TokenizerJson(string path, JsonElement root)
    {
        Path = path;
        Root = root;
    }

    public string Path { get; }

    public JsonElement Root { get; }

    /// <summary>Hands the file to <paramref name="read"/> and returns what it makes of it.</summary>
    /// <exception cref="TokenizerException">The file is absent, unreadable, or not one JSON object.</exception>
    public static T Read<T>(string path, Func<TokenizerJson, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(Bytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(new TokenizerJson(path, document.RootElement))
                : throw new JsonException($"it is a {document.RootElement.ValueKind}, where an object is needed");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // Text that is no Unicode and numbers that are no whole ones show only when they are used.
            throw new TokenizerException(path, null, "is not valid JSON", e.Message.TrimEnd('.'), e);
        }
    }

    /// <summary>A file's contents.</summary>
    /// <exception cref="TokenizerException">The file is absent or unreadable.</exception>
    public static byte[] Bytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TokenizerException(path, null, "there is no such file", "A Hugging Face checkpoint folder has it", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException(path, null, "cannot be read", e.Message.TrimEnd('.'), e);
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

        var problem = value.ValueKind == JsonValueKind.Undefined ? "is missing" : $"is {value.ValueKind}";
        throw Error(key, problem, $"It must be {kind}");
    }

    /// <summary>True where the key is there and true.</summary>
    public bool Flag(JsonElement holder, string key)
    {
        holder.TryGetProperty(LastPart(key), out var value);
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null or JsonValueKind.Undefined => false,
            _ => throw Error(key, $"is {value.ValueKind}", "It must be true or false"),
        };
    }

    private static string LastPart(string key) => key[(key.LastIndexOf('.') + 1)..];
}
