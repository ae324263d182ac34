using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Runs;
using ActivationReplay.Evaluation.Datasets;

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

        ConfigKeys.CheckKnown(keys);
        var prompt = One(keys, "prompt.system-prompt-file");
        var dataset = Dataset(One(keys, "dataset.path")) ?? RepositoryPaths.Find("ablations", "datasets", "counting", "samples.jsonl");
        long? pixels = TaskDataset.Is(dataset) ? TaskDataset.Parse(dataset).Pixels : null;
        var config = new RunConfig
        {
            Name = One(keys, "name")?.Text ?? Path.GetFileNameWithoutExtension(file),
            Pair = Pair(keys),
            Dataset = dataset,
            Limit = One(keys, "dataset.limit")?.Whole(1),
            SystemPrompt = prompt is null ? null : ReadText(prompt),
            PromptTemplate = One(keys, "prompt.template-file") is { } template ? ReadTemplate(template) : null,
            MinPixels = One(keys, "prompt.min-pixels")?.Whole(1) ?? pixels,
            MaxPixels = One(keys, "prompt.max-pixels")?.Whole(1) ?? pixels,
            Generation = ConfigKeys.Generation(keys),
            Cells = Matrix.Build(
                keys.Values.GetValueOrDefault("baselines") ?? [new ConfigValue(file, 0, "baselines", "base"), new(file, 0, "baselines", "none")],
                keys.Values.GetValueOrDefault("methods") ?? [new ConfigValue(file, 0, "methods", "replay")],
                keys),
        };
        return config.Cells.Count > 0 ? config : throw new ConfigurationException(file, 0, "the matrix is empty; every cell is excluded");
    }

    private static string? Dataset(ConfigValue? value) => value is { } given && TaskDataset.Is(given.Text) ? given.Text : Located(value);

    private static PairConfig Pair(YamlKeys keys)
    {
        var folder = Located(One(keys, "pair.path")) ?? RepositoryPaths.Find("ablations", "pairs", "counting");
        return new PairConfig(
            Located(One(keys, "pair.base")) ?? Path.Combine(folder, "base"),
            Located(One(keys, "pair.rlvr")) ?? Path.Combine(folder, "rlvr"),
            One(keys, "pair.dtype")?.OneOf(["float32", "bfloat16", "stored"]) ?? "float32",
            One(keys, "pair.device")?.Text ?? "cpu",
            One(keys, "pair.threads")?.Whole(0) ?? 0);
    }

    private static ConfigValue? One(YamlKeys keys, string key) => keys.Values.GetValueOrDefault(key)?[0];

    private static string? Located(ConfigValue? value) => value switch
    {
        null => null,
        { Line: 0 } => Path.GetFullPath(value.Text),
        _ => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(value.File))!, value.Text)),
    };

    private static string ReadText(ConfigValue value, string supply = "supply the prompt of the model's card")
    {
        var path = Located(value)!;
        return File.Exists(path)
            ? File.ReadAllText(path).TrimEnd('\n')
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
            throw new ConfigurationException(value.File, value.Line, $"{value.Key}: {e.Message}");
        }
    }
}
