using System.Text.Json;
using System.Text.Json.Serialization;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Stages;
using ActivationReplay.Training.Tasks;

namespace ActivationReplay.Training;

/// <summary>A training configuration cannot be used.</summary>
/// <param name="path">The file.</param>
/// <param name="problem">The key, what is wrong and what would be right.</param>
/// <param name="cause">What led to it.</param>
public sealed class TrainingConfigException(string path, string problem, Exception? cause = null)
    : Exception($"{path}: {problem}", cause)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;
}

/// <summary>Everything that decides a training run. JSON; comments are allowed, unknown keys are errors.</summary>
public sealed record TrainingConfig
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>Decides weights, scenes, questions, answers and rollouts.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Folder with config.json, tokenizer and processor settings of the model, beside the file.</summary>
    public required string Model { get; init; }

    /// <summary>Threads that train, a model each; at most the machine's cores.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Type of the matrix products. Runs are equal, bit for bit, only where it is.</summary>
    public ProductPrecision Products { get; init; }

    /// <summary>The scenes.</summary>
    public SceneSettings Scenes { get; init; } = SceneSettings.Standard;

    /// <summary>First stage: the vision tower.</summary>
    public VisionSettings Vision { get; init; } = new();

    /// <summary>Second stage: supervised.</summary>
    public SupervisedSettings Supervised { get; init; } = new();

    /// <summary>
    /// A shorter supervised stage after it, with a rate of its own, for what was learned least; null is none. It takes the
    /// supervised stage's bank.
    /// </summary>
    public SupervisedSettings? Polish { get; init; }

    /// <summary>Last stage: reinforcement learning.</summary>
    public GrpoSettings Grpo { get; init; } = new();

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="TrainingConfigException">It is absent, no JSON, or a value is missing, unknown or out of range.</exception>
    public static TrainingConfig Load(string path)
    {
        try
        {
            var config = JsonSerializer.Deserialize<TrainingConfig>(File.ReadAllText(path), s_json)
                ?? throw new TrainingConfigException(path, "is null; an object with 'seed' and 'model' is needed");
            config.Scenes.Validated();
            return config with
            {
                Model = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!, config.Model),
            };
        }
        catch (JsonException e)
        {
            throw new TrainingConfigException(path, e.Message, e);
        }
        catch (ArgumentException e)
        {
            throw new TrainingConfigException(path, e.Message, e);
        }
        catch (IOException e)
        {
            throw new TrainingConfigException(path, $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The configuration as JSON, to be kept beside what it made.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_json);
}
