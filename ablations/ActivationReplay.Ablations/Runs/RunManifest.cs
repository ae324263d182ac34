using System.Runtime.InteropServices;
using System.Text.Json;
using ActivationReplay.Ablations.Configuration;

namespace ActivationReplay.Ablations.Runs;

/// <summary><c>run.json</c>: what a run is, as resolved, and where it was made.</summary>
public sealed record RunManifest
{
    public required RunConfig Config { get; init; }

    public required string BaseFingerprint { get; init; }

    public required string RlvrFingerprint { get; init; }

    public required string Command { get; init; }

    public required string Started { get; init; }

    public string? Shard { get; init; }

    public string? GitCommit { get; init; }

    public string Runtime { get; init; } = RuntimeInformation.FrameworkDescription;

    public string System { get; init; } = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores";

    public string? TorchSharp { get; init; }

    /// <summary>The settings in which two runs differ, a line each; empty where one may go on with the other's journal.</summary>
    public IReadOnlyList<string> DifferencesTo(RunManifest other)
    {
        var (own, theirs) = (Flat(this), Flat(other));
        return
        [
            .. own.Keys.Union(theirs.Keys).Order(StringComparer.Ordinal)
                .Where(k => own.GetValueOrDefault(k) != theirs.GetValueOrDefault(k))
                .Select(k => $"{k}: {own.GetValueOrDefault(k) ?? "absent"} there, {theirs.GetValueOrDefault(k) ?? "absent"} here"),
        ];
    }

    public static RunManifest Read(string folder) =>
        JsonSerializer.Deserialize<RunManifest>(File.ReadAllText(RunFolder.Manifest(folder)), JournalJson.Options)
        ?? throw new InvalidDataException($"{RunFolder.Manifest(folder)} holds null.");

    public void Write(string folder)
    {
        var target = RunFolder.Manifest(folder);
        File.WriteAllText(target + ".tmp", JsonSerializer.Serialize(this, JournalJson.Indented) + "\n");
        File.Move(target + ".tmp", target, overwrite: true);
    }

    // What decides results: the configuration and the checkpoints, not place, time or machine.
    private static Dictionary<string, string?> Flat(RunManifest manifest)
    {
        using var json = JsonSerializer.SerializeToDocument(manifest.Config, JournalJson.Options);
        var flat = new Dictionary<string, string?>
        {
            ["base fingerprint"] = manifest.BaseFingerprint,
            ["rlvr fingerprint"] = manifest.RlvrFingerprint,
            ["shard"] = manifest.Shard,
        };
        Walk(json.RootElement, "");
        return flat;

        void Walk(JsonElement element, string path)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var property in element.EnumerateObject())
                    {
                        Walk(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}");
                    }

                    break;
                case JsonValueKind.Array:
                    foreach (var (index, item) in element.EnumerateArray().Index())
                    {
                        Walk(item, $"{path}[{index}]");
                    }

                    break;
                default:
                    flat[path] = element.GetRawText();
                    break;
            }
        }
    }
}
