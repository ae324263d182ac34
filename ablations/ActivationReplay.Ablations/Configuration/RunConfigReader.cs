using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Native;
using ActivationReplay.Text;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>Resolves a configuration file and what the command line changes of it.</summary>
internal static class RunConfigReader
{
    /// <summary>Reads <paramref name="file"/>; paths in it are relative to its folder, those of overrides to the working folder.</summary>
    /// <param name="file">A YAML file.</param>
    /// <param name="overrides">KEY=VALUE each.</param>
    /// <exception cref="ConfigurationException">Something is wrong; the message names file, line, key and what is allowed.</exception>
    public static RunConfig Read(string file, IEnumerable<string> overrides)
    {
        var keys = YamlKeys.Read(file);
        foreach (var assignment in overrides)
        {
            keys.Override(assignment);
        }

        PreferPair(keys);
        CheckDevice(One(keys, "pair.device"));
        ConfigKeys.CheckKnown(keys);
        var prompt = One(keys, "prompt.system-prompt-file");
        var dataset = Dataset(One(keys, "dataset.path")) ?? TaskDataset.Default;
        long? pixels = TaskDataset.Is(dataset) ? TaskDataset.Parse(dataset).Pixels : null;
        var config = new RunConfig
        {
            Name = Name(One(keys, "name")) ?? Path.GetFileNameWithoutExtension(file),
            Pair = Pair(keys),
            Dataset = dataset,
            Limit = One(keys, "dataset.limit")?.Whole(1),
            SystemPrompt = prompt is null or { Text: "none" } ? null : ReadText(prompt),
            PromptTemplate = One(keys, "prompt.template-file") is { } template ? ReadTemplate(template) : null,
            MinPixels = One(keys, "prompt.min-pixels")?.Whole(1) ?? pixels,
            MaxPixels = MaxPixels(keys) ?? pixels,
            Generation = ConfigKeys.Generation(keys),
            Published = PublishedConfig.Read(keys),
            Cells = Matrix.Build(
                keys.Values.GetValueOrDefault("baselines") ?? [new ConfigValue(file, 0, "baselines", "base"), new(file, 0, "baselines", "none")],
                keys.Values.GetValueOrDefault("methods") ?? [new ConfigValue(file, 0, "methods", "replay")],
                keys),
        };
        var batch = One(keys, "generation.batch")?.Whole(0) ?? 0;
        return config.Cells.Count > 0
            ? config with { Batch = batch > 0 ? batch : RunConfig.BatchOf(config.Cells.Count, config.Generation.Samples) }
            : throw new ConfigurationException(file, 0, "the matrix is empty; every cell is excluded");
    }

    private static string? Dataset(ConfigValue? value) => value is { } given && TaskDataset.Is(given.Text) ? given.Text : value?.Located();

    private static string? Name(ConfigValue? value) =>
        value is null || (value.Text.Length > 0 && value.Text == Path.GetFileName(value.Text) && value.Text is not ("." or ".."))
            ? value?.Text
            : throw value.Wrong("a folder's name, without / or \\");

    private static int? MaxPixels(YamlKeys keys)
    {
        var (least, most) = (One(keys, "prompt.min-pixels")?.Whole(1), One(keys, "prompt.max-pixels"));
        return most?.Whole(least ?? 1, FormattableString.Invariant($"a whole number from {least ?? 1}, the least pixels"));
    }

    // A pair of the command line takes the place of both checkpoints of the file.
    private static void PreferPair(YamlKeys keys)
    {
        if (One(keys, "pair.path") is { IsOverride: true })
        {
            foreach (var key in new[] { "pair.base", "pair.rlvr" })
            {
                if (One(keys, key) is { IsOverride: false })
                {
                    keys.Values.Remove(key);
                }
            }
        }
    }

    private static PairConfig Pair(YamlKeys keys)
    {
        var folder = One(keys, "pair.path")?.Located() ?? RepositoryPaths.Find("ablations", "pairs", "counting");
        return new PairConfig(
            One(keys, "pair.base")?.Located() ?? Path.Combine(folder, "base"),
            One(keys, "pair.rlvr")?.Located() ?? Path.Combine(folder, "rlvr"),
            One(keys, "pair.dtype")?.OneOf(ConfigKeys.Dtypes) ?? "float32",
            One(keys, "pair.device")?.Text ?? "cpu",
            One(keys, "pair.threads")?.Whole(0) ?? 0);
    }

    // Its form alone: a configuration may be read where its device is not.
    private static void CheckDevice(ConfigValue? value)
    {
        if (value is not null && !ComputeDevice.IsName(value.Text))
        {
            throw value.Wrong($"{ComputeDevice.Names}. {ComputeDevice.There()}");
        }
    }

    // An empty list is refused with the unknown keys.
    private static ConfigValue? One(YamlKeys keys, string key) => keys.Values.GetValueOrDefault(key) is [var first, ..] ? first : null;

    private static string ReadText(ConfigValue value, string supply = "supply the prompt of the model's card, or none")
    {
        var path = value.Located();
        return File.Exists(path)
            ? TextFile.Read(path).TrimEnd('\n')
            : throw new ConfigurationException(value.File, value.Line, $"{value.Key}: {path} is not there; {supply}");
    }

    private static string ReadTemplate(ConfigValue value)
    {
        try
        {
            return PromptTemplate.Parse(ReadText(value, "supply a text with {question}")).ToString();
        }
        catch (FormatException e)
        {
            throw new ConfigurationException(value.File, value.Line, $"{value.Key}: {value.Located()}: {e.Message}");
        }
    }
}
