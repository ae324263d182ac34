using System.Text.Json;
using System.Text.Json.Serialization;
using ActivationReplay.Inputs;
using ActivationReplay.Text;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Stages;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Training.Tasks.Zooming;

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

/// <summary>The tasks that a pair can be trained for.</summary>
public enum TrainedTask
{
    /// <summary>Counting shapes and adding digits in one picture.</summary>
    Counting,

    /// <summary>Reading a digit that must be zoomed in on.</summary>
    Zooming,

    /// <summary>What happens in a short clip.</summary>
    Clips,
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

    /// <summary>What is learned.</summary>
    public TrainedTask Task { get; init; }

    /// <summary>The scenes of the counting task.</summary>
    public SceneSettings Scenes { get; init; } = SceneSettings.Standard;

    /// <summary>The scenes that the vision and the supervised stages of the zooming task learn from.</summary>
    public ZoomSettings Zooming { get; init; } = new();

    /// <summary>The scenes of the problems of its reinforcement stage.</summary>
    public ZoomSettings Problems { get; init; } = new();

    /// <summary>First stage: the vision tower.</summary>
    public VisionSettings Vision { get; init; } = new();

    /// <summary>Pictures whose features the trained tower computes once; the supervised stages choose among them.</summary>
    public int Bank { get; init; } = 6144;

    /// <summary>Second stage: supervised.</summary>
    public SupervisedSettings Supervised { get; init; } = new();

    /// <summary>A shorter supervised stage after it, with a rate of its own, for what was learned least; null is none.</summary>
    public SupervisedSettings? Polish { get; init; }

    /// <summary>Last stage: reinforcement learning.</summary>
    public GrpoSettings Grpo { get; init; } = new();

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="TrainingConfigException">It is absent, no JSON, or a value is missing, unknown or out of range.</exception>
    public static TrainingConfig Load(string path)
    {
        try
        {
            var config = JsonSerializer.Deserialize<TrainingConfig>(TextFile.Read(path), s_json)
                ?? throw new TrainingConfigException(path, "is null; an object with 'seed' and 'model' is needed");
            config.Scenes.Validated();
            config.Zooming.Validated();
            config.Problems.Validated();
            return config with
            {
                Model = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!, config.Model),
            };
        }
        catch (JsonException e)
        {
            throw new TrainingConfigException(path, $"line {e.LineNumber + 1}, {e.Path}: {e.Message}", e);
        }
        catch (ArgumentException e)
        {
            throw new TrainingConfigException(path, e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new TrainingConfigException(path, $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The task as the stages take it.</summary>
    internal ITrainingTask TaskWith(Processor processor, IReadOnlyList<int> stopIds) => Task switch
    {
        TrainedTask.Zooming => new ZoomingTask(Zooming, Problems, Seed, Grpo.Turns, processor, stopIds),
        TrainedTask.Clips => new ClipsTask(Seed, processor, stopIds),
        _ => new CountingTask(Scenes, Seed, processor, stopIds),
    };

    /// <summary>The configuration as JSON, to be kept beside what it made.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_json);
}
