using System.Text.Json.Serialization;
using ActivationReplay.Checkpoints;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>Where the two checkpoints are, and how they are computed.</summary>
/// <param name="Base">The base checkpoint, as <see cref="CheckpointFolder"/> knows it.</param>
/// <param name="Rlvr">The RLVR checkpoint, as <see cref="CheckpointFolder"/> knows it.</param>
/// <param name="Dtype">float32, bfloat16 or stored.</param>
/// <param name="Device">As <see cref="Native.PairDevices"/> reads it.</param>
/// <param name="Threads">Of the CPU; 0 chooses by the model's size.</param>
/// <param name="Models">Whether both models are in memory, or one at a time. Answers are the same.</param>
/// <param name="Tf32">Whether a GPU computes fp32 with 10 bits of mantissa.</param>
/// <param name="Memory">What may be taken of each device, as <see cref="MemoryLimit"/> reads it. Answers are the same.</param>
/// <param name="Temporal">How the temporal positions of videos count.</param>
public sealed record PairConfig(
    string Base, string Rlvr, string Dtype, string Device, int Threads, ModelsInMemory Models = ModelsInMemory.Both, bool Tf32 = false,
    string Memory = "free",
    TemporalPositions Temporal = TemporalPositions.Seconds);

/// <summary>A cell of the matrix: a method with its settings.</summary>
/// <param name="Id">The method, and the axes in which cells differ: <c>replay selection=high</c>.</param>
/// <param name="Method">The method.</param>
/// <param name="Settings">In the record that the method takes.</param>
/// <param name="Tool">The tool of its conversations, or <c>none</c>; null where questions are no conversations.</param>
[JsonConverter(typeof(CellJson))]
public sealed record Cell(string Id, IReplayMethod Method, MethodSettings Settings, string? Tool = null);

/// <summary>A whole run, resolved from a file and the command line.</summary>
public sealed record RunConfig
{
    // Decoding a row more is nearly free up to here; beyond, caches of keys and values grow large.
    private const int MostRows = 256;

    // More would decode little faster, and be longer until the first result, after Ctrl+C and after a kill.
    private const int MostQuestions = 4;

    /// <summary>Name of the run's folder under results/.</summary>
    public required string Name { get; init; }

    /// <summary>The pair.</summary>
    public required PairConfig Pair { get; init; }

    /// <summary>The data set's file.</summary>
    public required string Dataset { get; init; }

    /// <summary>Where videos are, and which of their frames are taken.</summary>
    public VideoSettings Videos { get; init; } = new();

    /// <summary>Only the first questions; null is all.</summary>
    public int? Limit { get; init; }

    /// <summary>Text of the system message, or null.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>Text of a <see cref="Evaluation.Datasets.PromptTemplate"/>, or null for VLMEvalKit's prompts.</summary>
    public string? PromptTemplate { get; init; }

    /// <summary>Pixels of each picture; null takes the processor's.</summary>
    public long? MinPixels { get; init; }

    /// <summary>Pixels of each picture; null takes the processor's.</summary>
    public long? MaxPixels { get; init; }

    /// <summary>How answers are generated.</summary>
    public required GenerationSettings Generation { get; init; }

    /// <summary>Questions whose answers are decoded together.</summary>
    public int Batch { get; init; }

    /// <summary>How questions are led as conversations with a tool, or null.</summary>
    public AgentConfig? Agent { get; init; }

    /// <summary>Figures to print beside one's own, or null. They decide no result.</summary>
    public PublishedConfig? Published { get; init; }

    /// <summary>The matrix, baselines first.</summary>
    public required IReadOnlyList<Cell> Cells { get; init; }

    /// <summary>The cells that are answered while these models are there.</summary>
    internal IReadOnlyList<Cell> AnsweredIn(PairPhase phase) => [.. Cells.Where(c => phase.IsAnswered(c.Method))];

    /// <summary>Answers to so many questions: one a cell and repetition.</summary>
    public long Answers(int questions) => (long)questions * Cells.Count * Generation.Samples;

    /// <summary>The last two parts of a path: results are the same wherever the folder lies. Of a model of the hub its id.</summary>
    internal static string Named(string path) => TaskDataset.Is(path) ? path
        : path.StartsWith(HubId.Scheme, StringComparison.Ordinal) ? path[HubId.Scheme.Length..]
        : Path.Combine(Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)) ?? ""), Path.GetFileName(path));

    /// <summary>Questions a batch where none is asked for: by the answers to a question.</summary>
    internal static int BatchOf(int cells, int samples) => (int)Math.Clamp(MostRows / ((long)cells * samples), 1, MostQuestions);
}
