using ActivationReplay.Generation;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>Every key beside the axes, with what is allowed; the JSON schema is made from it.</summary>
internal static class ConfigKeys
{
    /// <summary>Key, what is allowed, and whether a list is, too.</summary>
    public static IReadOnlyList<(string Key, string Allowed, bool IsList)> All { get; } =
    [
        ("name", "a folder's name", false),
        ("pair.path", "a folder with base/ and rlvr/", false),
        ("pair.base", "a checkpoint's folder", false),
        ("pair.rlvr", "a checkpoint's folder", false),
        ("pair.dtype", "float32, bfloat16, stored", false),
        ("pair.device", "cpu, cuda, cuda:N", false),
        ("pair.threads", "a whole number from 0; 0 chooses", false),
        ("dataset.path", "a data set's file", false),
        ("dataset.limit", "a whole number from 1", false),
        ("prompt.system-prompt-file", "a text file", false),
        ("prompt.min-pixels", "a whole number from 1", false),
        ("prompt.max-pixels", "a whole number from 1", false),
        ("generation.max-new-tokens", "a whole number from 1", false),
        ("generation.temperature", "a number from 0; 0 is greedy", false),
        ("generation.top-p", "above 0 and at most 1", false),
        ("generation.top-k", "a whole number from 0; 0 is all", false),
        ("generation.samples", "a whole number from 1", false),
        ("seed", "a whole number from 0", false),
        ("baselines", "methods", true),
        ("methods", "methods", true),
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

    /// <exception cref="ConfigurationException">A key is unknown, or a list stands where one value belongs.</exception>
    public static void CheckKnown(YamlKeys keys)
    {
        foreach (var (key, values) in keys.Values.Where(v => !v.Key.StartsWith("replay.", StringComparison.Ordinal)))
        {
            var known = All.FirstOrDefault(k => k.Key == key);
            var first = values.Count > 0 ? values[0] : null;
            if (known.Key is null)
            {
                throw new ConfigurationException(
                    first?.File ?? "configuration", first?.Line ?? 0,
                    $"{key} is no key; allowed: {string.Join(", ", All.Select(k => k.Key))}, replay.…, include, exclude");
            }

            if (values.Count != 1 && !known.IsList)
            {
                throw new ConfigurationException(
                    first?.File ?? "configuration", first?.Line ?? 0, $"{key} has {values.Count} values; allowed: one, {known.Allowed}");
            }
        }

        foreach (var (key, _) in keys.Values.Where(v => v.Value.Count == 0))
        {
            throw new ConfigurationException("configuration", 0, $"{key} is an empty list; name a value or leave the key out");
        }
    }
}
