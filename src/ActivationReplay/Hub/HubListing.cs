using System.Text.Json;
using ActivationReplay.Checkpoints;

namespace ActivationReplay.Hub;

/// <summary>A file of a revision.</summary>
/// <param name="Name">Its path in the repository, with slashes.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Hash">In hexadecimal: SHA-256 of its bytes (64 digits, Git LFS), or Git's SHA-1 of a blob of them (40 digits).</param>
internal sealed record HubFile(string Name, long Size, string Hash);

/// <summary>The files of a revision, and its commit.</summary>
/// <param name="Commit">The commit, 40 hexadecimal digits.</param>
/// <param name="Files">The files whose sizes and hashes the hub says, by name; null where it does not say them.</param>
internal sealed record HubListing(string Commit, IReadOnlyDictionary<string, HubFile?> Files)
{
    /// <summary>Reads the hub's answer. What it names becomes names of files here: whatever could lie elsewhere is refused.</summary>
    /// <exception cref="HubException">It is no such answer.</exception>
    public static HubListing Parse(HubId id, ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var commit = root.GetProperty("sha").GetString() ?? "";
            return !HubCache.IsCommit(commit)
                ? throw new HubException(id.Name, "the hub names no commit for this revision")
                : new HubListing(commit, root.GetProperty("siblings").EnumerateArray().Select(file => File(id, file)).ToDictionary(f => f.Name, f => f.File));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new HubException(id.Name, $"what the hub answers is no list of files: {e.Message}", e);
        }
    }

    /// <summary>Whether a text is the hash of a file, and so a safe name.</summary>
    public static bool IsHash(string? text) => text is { Length: 40 or 64 } && text.All(char.IsAsciiHexDigitLower);

    private static (string Name, HubFile? File) File(HubId id, JsonElement file)
    {
        var name = file.GetProperty("rfilename").GetString() ?? "";
        if (!IsInside(name))
        {
            throw new HubException(id.Name, $"the hub names a file \"{Printable(name)}\", which would lie outside of the model's folder; nothing is fetched");
        }

        var large = file.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object;
        var hash = Text(large ? lfs : file, large ? "sha256" : "blobId");
        return (name, IsHash(hash) && file.TryGetProperty("size", out var size) && size.TryGetInt64(out var bytes) && bytes >= 0
            ? new HubFile(name, bytes, hash!)
            : null);
    }

    private static string? Text(JsonElement of, string key) =>
        of.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool IsInside(string name) =>
        name.IndexOfAny(['\\', ':']) < 0 && !name.Any(char.IsControl) && name.Split('/').All(part => part is not ("" or "." or ".."));

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
}
