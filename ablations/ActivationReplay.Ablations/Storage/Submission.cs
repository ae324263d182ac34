using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Files;

namespace ActivationReplay.Ablations.Storage;

/// <summary><c>submission.json</c>: a run that is computed in shards, each in a folder of its own below the run's.</summary>
internal sealed record Submission
{
    /// <summary>The folder of the job files and their logs, below the run's.</summary>
    public const string Jobs = "jobs";

    private const string FileName = "submission.json";

    /// <summary>The command line that made it.</summary>
    public required string Command { get; init; }

    /// <summary>Answers that each shard is to hold.</summary>
    public required IReadOnlyList<long> Answers { get; init; }

    /// <summary>Answers a question; an error row stands for so many.</summary>
    public required int Samples { get; init; }

    /// <summary>A hash of each job file as it was written, so that one that was edited is known.</summary>
    public IReadOnlyDictionary<string, string> Written { get; init; } = new Dictionary<string, string>();

    /// <summary>What a cluster was given.</summary>
    public IReadOnlyList<SubmittedJob> Submitted { get; init; } = [];

    /// <summary>The shards.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IEnumerable<Shard> Shards => Enumerable.Range(1, Answers.Count).Select(i => new Shard(i, Answers.Count));

    /// <summary>Whether a run's folder was submitted.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>The folder of a shard below the run's.</summary>
    public static string Folder(string run, Shard shard) => Path.Combine(run, "shards", FormattableString.Invariant($"{shard.Index}-of-{shard.Count}"));

    /// <summary>What a shard said, on a cluster or here.</summary>
    public static string Log(string run, Shard shard) => Path.Combine(run, Jobs, FormattableString.Invariant($"shard-{shard.Index}.log"));

    /// <summary>The hash of a job file's text.</summary>
    public static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <exception cref="ArgumentException">The folder holds no run that was submitted.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static Submission Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new ArgumentException($"{folder} holds no run that was submitted in shards (no {FileName}); show prints others.");
        }

        try
        {
            return JsonSerializer.Deserialize<Submission>(File.ReadAllText(path), JournalJson.Options) is { Answers.Count: > 0 } read
                ? read
                : throw new JsonException("it names no shards.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not what submit writes: {e.Message}", e);
        }
    }

    public void Write(string folder) =>
        AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, JournalJson.Indented) + "\n");
}

/// <summary>A job that a cluster was given.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Shards">The shards of an array, from 1; none for the job that merges.</param>
/// <param name="Submitted">When, UTC.</param>
/// <param name="Cluster">Its cluster, where the scheduler named one.</param>
internal sealed record SubmittedJob(string Id, IReadOnlyList<int> Shards, string Submitted, string? Cluster = null);
