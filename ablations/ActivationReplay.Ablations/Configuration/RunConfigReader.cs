using ActivationReplay.Checkpoints;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;
using ActivationReplay.Native;
using ActivationReplay.Replay;
using ActivationReplay.Text;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>Resolves a configuration file and what the command line changes of it.</summary>
internal static class RunConfigReader
{
    /// <summary>Reads <paramref name="file"/>; paths in it are relative to its folder, those of overrides to the working folder.</summary>
    /// <param name="file">A YAML file.</param>
    /// <param name="overrides">KEY=VALUE each.</param>
    /// <param name="options">The values of options that stand for a key each; overrides go on top.</param>
    /// <param name="without">Keys that are left out, whatever they say.</param>
    /// <exception cref="ConfigurationException">Something is wrong; the message names file, line, key and what is allowed.</exception>
    public static RunConfig Read(string file, IEnumerable<string> overrides, IEnumerable<IReadOnlyList<ConfigValue>>? options = null, IReadOnlyCollection<string>? without = null)
    {
        var keys = YamlKeys.Read(file);
        foreach (var option in options ?? [])
        {
            keys.Override(option);
        }

        foreach (var assignment in overrides)
        {
            keys.Override(assignment);
        }

        foreach (var key in without ?? [])
        {
            keys.Values.Remove(key);
        }

        PreferPair(keys);
        CheckDevice(keys.One("pair.device"));
        ConfigKeys.CheckKnown(keys);
        var pair = Pair(keys);
        var dataset = Dataset(keys.One("dataset.path")) ?? TaskDataset.Default;
        PreferAgent(keys, dataset);
        long? pixels = TaskDataset.Is(dataset) ? TaskDataset.Parse(dataset).Pixels : null;
        var config = new RunConfig
        {
            Name = Name(keys.One("name")) ?? Path.GetFileNameWithoutExtension(file),
            Pair = pair,
            Dataset = dataset,
            Videos = VideoKeys.Read(keys),
            Limit = keys.One("dataset.limit")?.Whole(1),
            SystemPrompt = SystemPrompt(keys),
            PromptTemplate = Template(keys),
            MinPixels = keys.One("prompt.min-pixels")?.Whole(1) ?? pixels,
            MaxPixels = MaxPixels(keys) ?? pixels,
            Generation = ConfigKeys.ReadGeneration(keys),
            Agent = AgentConfig.Read(keys),
            Published = PublishedConfig.Read(keys),
            Cells = AgentConfig.Cells(keys, Matrix.Build(
                keys.Values.GetValueOrDefault("baselines") ?? [new ConfigValue(file, 0, "baselines", "base"), new(file, 0, "baselines", "none")],
                keys.Values.GetValueOrDefault("methods") ?? [new ConfigValue(file, 0, "methods", "replay")],
                keys,
                ModelDepth(pair.Base))),
        };
        var batch = keys.One("generation.batch")?.Whole(0) ?? 0;
        return config.Cells.Count > 0
            ? config with { Batch = batch > 0 ? batch : RunConfig.BatchOf(config.Cells.Count, config.Generation.Samples) }
            : throw new ConfigurationException(file, 0, "the matrix is empty; every cell is excluded");
    }

    /// <summary>The text of the system message that the keys name, or null.</summary>
    public static string? SystemPrompt(YamlKeys keys) => keys.One("prompt.system-prompt-file") is { Text: not "none" } prompt ? ReadText(prompt) : null;

    /// <summary>The text of the template that the keys name, or null.</summary>
    public static string? Template(YamlKeys keys) => keys.One("prompt.template-file") is { } template ? ReadTemplate(template) : null;

    private static string? Dataset(ConfigValue? value) => value is not { } given ? null
        : TaskDataset.Is(given.Text) ? given.Text
        : File.Exists(given.Located()) ? given.Located()
        : LmuData.Find(given.Text) ?? given.Located();

    private static string? Name(ConfigValue? value) =>
        value is null || (value.Text.Length > 0 && value.Text == Path.GetFileName(value.Text) && value.Text is not ("." or ".."))
            ? value?.Text
            : throw value.Wrong("a folder's name, without / or \\");

    private static int? MaxPixels(YamlKeys keys)
    {
        var (least, most) = (keys.One("prompt.min-pixels")?.Whole(1), keys.One("prompt.max-pixels"));
        return most?.Whole(least ?? 1, FormattableString.Invariant($"a whole number from {least ?? 1}, the least pixels"));
    }

    // A pair of the command line takes the place of both checkpoints of the file.
    private static void PreferPair(YamlKeys keys)
    {
        if (keys.One("pair.path") is { IsOverride: true })
        {
            foreach (var key in new[] { "pair.base", "pair.rlvr" })
            {
                if (keys.One(key) is { IsOverride: false })
                {
                    keys.Values.Remove(key);
                }
            }
        }
    }

    // Defaults are shares of the layers. Where the checkpoint is not there yet, they are those of the published models; a run
    // stops at the absent checkpoint before it uses them.
    private static int ModelDepth(string checkpoint) =>
        CheckpointFolder.Find(checkpoint) is { } folder && File.Exists(Path.Combine(folder, "config.json")) ? ModelConfig.Load(folder).Text.Layers : PublishedDepth.Layers;

    /// <summary>Where the checkpoints are and how they are computed; the embedded pair in fp32 on the CPU where no key says so.</summary>
    public static PairConfig Pair(YamlKeys keys)
    {
        CheckDevice(keys.One("pair.device"));
        var folder = keys.One("pair.path")?.Checkpoint() ?? RepositoryPaths.Find("ablations", "pairs", "counting");
        return new PairConfig(
            keys.One("pair.base")?.Checkpoint() ?? Path.Combine(folder, "base"),
            keys.One("pair.rlvr")?.Checkpoint() ?? Path.Combine(folder, "rlvr"),
            keys.One("pair.dtype")?.OneOf(ConfigKeys.Dtypes) ?? "float32",
            CheckDevice(keys.One("pair.device")),
            keys.One("pair.threads")?.Whole(0) ?? 0,
            keys.One("pair.models")?.OneOf<ModelsInMemory>() ?? ModelsInMemory.Both,
            keys.One("pair.tf32")?.OneOf(ConfigKeys.YesOrNo) == ConfigKeys.YesOrNo[0],
            Memory(keys.One("pair.memory")),
            keys.One("pair.temporal-positions")?.OneOf<TemporalPositions>() ?? TemporalPositions.Seconds);
    }

    private static string Memory(ConfigValue? value) =>
        value is null ? MemoryLimit.Default : MemoryLimit.Parse(value.Text) is not null ? value.Text : throw value.Wrong(MemoryLimit.Words);

    // A file whose rows all ask for an agent needs no key. Where it is not there, the run says so.
    private static void PreferAgent(YamlKeys keys, string dataset)
    {
        if (keys.Values.ContainsKey(AgentConfig.ToolKey) || TaskDataset.Is(dataset) || !File.Exists(dataset))
        {
            return;
        }

        var asking = AgentRows.Count(dataset);
        if (asking.Asking > 0 && asking.Asking < asking.Rows)
        {
            throw new ConfigurationException(dataset, 0, string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{asking.Asking} of {asking.Rows} rows say \"agent\": true; say it in all or in none, or name {AgentConfig.ToolKey}"));
        }

        if (asking.Asking > 0)
        {
            keys.Values[AgentConfig.ToolKey] = [new ConfigValue(dataset, 0, AgentConfig.ToolKey, Evaluation.Agents.AgentTools.Names[0])];
        }
    }

    // Its form alone: a configuration may be read where its device is not.
    private static string CheckDevice(ConfigValue? value)
    {
        try
        {
            return PairDevices.Parse(value?.Text ?? "cpu").ToString();
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException(value!.File, value.Line, $"{value.Key}: {e.Message}");
        }
    }

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
