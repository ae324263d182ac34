using System.Globalization;
using System.Text.Json;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Files;

namespace ActivationReplay.Ablations.Storage;

/// <summary><c>run.json</c>: what a run is, as resolved, and where it was made.</summary>
public sealed record RunManifest
{
    public required RunConfig Config { get; init; }

    /// <summary>Fingerprint of the base checkpoint.</summary>
    public required string BaseFingerprint { get; init; }

    /// <summary>Fingerprint of the RLVR checkpoint.</summary>
    public required string RlvrFingerprint { get; init; }

    /// <summary>The form of its journal's keys.</summary>
    public int JournalForm { get; init; } = 1;

    /// <summary>The command line that began it.</summary>
    public required string Command { get; init; }

    /// <summary>When, UTC.</summary>
    public required string Started { get; init; }

    /// <summary>I/N where this is a part.</summary>
    public string? Shard { get; init; }

    /// <summary>Questions of this part, or of the whole run.</summary>
    public int Questions { get; init; }

    /// <summary>Fingerprint of the questions of the whole run; null where it was begun before that was kept.</summary>
    public string? QuestionsFingerprint { get; init; }

    /// <summary>Every start, this one and those that went on with it; of all parts where they were merged.</summary>
    public IReadOnlyList<RunSession> Sessions { get; init; } = [];

    /// <summary>How much was computed together, chosen when the run began; null where its shards chose differently, or before it was kept.</summary>
    public WorkSizes? Sizes { get; init; }

    /// <summary>Answers that the folder is to hold.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long Answers => Config.Answers(Questions);

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

    /// <exception cref="InvalidDataException">The file is no manifest.</exception>
    public static RunManifest Read(string folder)
    {
        var path = RunFolder.Manifest(folder);
        try
        {
            return JsonSerializer.Deserialize<RunManifest>(File.ReadAllText(path), JournalJson.Options)
                ?? throw new InvalidDataException($"{path} holds null.");
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{path} is no run of this version: {e.Message}", e);
        }
    }

    public void Write(string folder) =>
        AtomicFile.WriteText(RunFolder.Manifest(folder), JsonSerializer.Serialize(this, JournalJson.Indented) + "\n");

    // The settings that determine results: configuration and checkpoints, but not paths, times, machines or published figures.
    private static Dictionary<string, string?> Flat(RunManifest manifest)
    {
        var config = manifest.Config with
        {
            Name = "",
            Published = null,
            Pair = manifest.Config.Pair with { Base = "", Rlvr = "", Models = ModelsInMemory.Both, Memory = MemoryLimit.Default },
            Dataset = RunConfig.Named(manifest.Config.Dataset),
            Videos = manifest.Config.Videos with { Root = null },
            Cells = [],
        };
        using var json = JsonSerializer.SerializeToDocument(config, JournalJson.Options);
        var flat = new Dictionary<string, string?>
        {
            ["base fingerprint"] = manifest.BaseFingerprint,
            ["rlvr fingerprint"] = manifest.RlvrFingerprint,
            ["journal form"] = JournalKeys.NameOf(manifest.JournalForm),
            ["shard"] = manifest.Shard,
            ["questions"] = manifest.Questions.ToString(CultureInfo.InvariantCulture),
        };
        Walk(json.RootElement, "");
        foreach (var cell in manifest.Config.Cells)
        {
            flat[$"cell '{cell.Id}'"] = SettingKeys.Canonical(cell.Method, cell.Settings);
        }

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
                        Walk(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"));
                    }

                    break;
                default:
                    flat[path] = element.GetRawText();
                    break;
            }
        }
    }
}
