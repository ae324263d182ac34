using ActivationReplay.Generation;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>A key beside the axes.</summary>
/// <param name="Name">Dotted.</param>
/// <param name="Kind">What is allowed.</param>
/// <param name="IsList">Whether a list is, too.</param>
internal sealed record ConfigKey(string Name, ValueKind Kind, bool IsList = false);

/// <summary>Every key beside the axes; the JSON schema is made from them.</summary>
internal static class ConfigKeys
{
    /// <summary>The types that weights are computed in.</summary>
    public static IReadOnlyList<string> Dtypes { get; } = ["float32", "bfloat16", "stored"];

    public static IReadOnlyList<ConfigKey> All =>
    [
        new("name", ValueKind.Text("a folder's name, without / or \\")),
        new("pair.path", ValueKind.Text("a folder with base/ and rlvr/")),
        new("pair.base", ValueKind.Text("a checkpoint's folder")),
        new("pair.rlvr", ValueKind.Text("a checkpoint's folder")),
        new("pair.dtype", ValueKind.OneOf(Dtypes)),
        new("pair.device", ValueKind.Text("cpu, cuda, cuda:N")),
        new("pair.threads", ValueKind.Whole(0, "0 chooses")),
        new("dataset.path", ValueKind.Text("a .tsv, .jsonl or .parquet file, or counting:SPLIT:COUNT")),
        new("dataset.limit", ValueKind.Whole(1)),
        new("prompt.system-prompt-file", ValueKind.Text("a text file, or none")),
        new("prompt.template-file", ValueKind.Text("a text file with {question}, {options}, {hint}")),
        new("prompt.min-pixels", ValueKind.Whole(1)),
        new("prompt.max-pixels", ValueKind.Whole(1)),
        new("generation.max-new-tokens", ValueKind.Whole(1)),
        new("generation.temperature", ValueKind.NotNegative("0 is greedy")),
        new("generation.top-p", ValueKind.Share),
        new("generation.top-k", ValueKind.Whole(0, "0 is all")),
        new("generation.samples", ValueKind.Whole(1)),
        new("generation.batch", ValueKind.Whole(0, "questions that are answered together, 0 chooses by their answers")),
        new("seed", ValueKind.Whole(0)),
        new("baselines", ValueKind.OneOf(ReplayMethods.Ids), IsList: true),
        new("methods", ValueKind.OneOf(ReplayMethods.Ids), IsList: true),
        new(PublishedConfig.SourceKey, ValueKind.Text("where the numbers are from")),
        new(PublishedConfig.NoteKey, ValueKind.Text("what to know of the settings")),
        new(PublishedConfig.BenchmarkKey, ValueKind.Text("a benchmark that published lists")),
    ];

    public static GenerationSettings Generation(YamlKeys keys)
    {
        var settings = new GenerationSettings { MaxNewTokens = 64 };
        foreach (var value in keys.Values.Values.Select(v => v[0]))
        {
            settings = value.Key switch
            {
                "generation.max-new-tokens" => settings with { MaxNewTokens = value.Whole(1) },
                "generation.temperature" => settings with { Temperature = value.Number(n => n >= 0, "a number from 0") },
                "generation.top-p" => settings with { TopP = value.Number(n => n is > 0 and <= 1, "above 0 and at most 1") },
                "generation.top-k" => settings with { TopK = value.Whole(0) },
                "generation.samples" => settings with { Samples = value.Whole(1) },
                "seed" => settings with { Seed = value.Seed() },
                _ => settings,
            };
        }

        return settings;
    }

    /// <exception cref="ConfigurationException">A key is unknown or empty, or a list stands where one value belongs.</exception>
    public static void CheckKnown(YamlKeys keys)
    {
        foreach (var (key, values) in keys.Values)
        {
            var place = keys.PlaceOf(key);
            if (values.Count == 0)
            {
                throw place.Error($"{key} is an empty list; name a value or leave the key out");
            }

            if (IsAxis(key) || PublishedConfig.IsBenchmark(key))
            {
                continue;
            }

            var known = All.FirstOrDefault(k => k.Name == key)
                ?? throw place.Error(
                    $"{key} is no key; allowed: {string.Join(", ", All.Select(k => k.Name))}, replay.…, published.BENCHMARK, include, exclude");
            if (values.Count != 1 && !known.IsList)
            {
                throw place.Error($"{key} has {values.Count} values; allowed: one, {known.Kind.Words}");
            }
        }

        CheckSupplied(keys);
    }

    // A key without a value is the user's to supply; all of them are named at once.
    private static void CheckSupplied(YamlKeys keys)
    {
        string[] missing = [.. keys.Values.Where(v => v.Value.Any(x => x.IsEmpty)).Select(v => v.Key)];
        if (missing.Length > 0)
        {
            var ways = missing.Select(key =>
                $"{key} (line {keys.PlaceOf(key).Line}): {All.FirstOrDefault(k => k.Name == key)?.Kind.Words ?? "a value"}, by "
                + (ConfigShortcuts.OptionOf(key) is { } option ? $"{option} or " : "") + $"--set {key}=…");
            throw keys.PlaceOf(missing[0]).Error($"yours to supply, see the comments there: {string.Join("; ", ways)}");
        }
    }

    private static bool IsAxis(string key) => key.StartsWith("replay.", StringComparison.Ordinal);
}
