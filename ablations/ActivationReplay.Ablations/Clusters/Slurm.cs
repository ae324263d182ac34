using System.Globalization;
using System.Text.RegularExpressions;
using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Clusters;

/// <summary>Slurm, by its commands sbatch and squeue. Its accounting is not needed.</summary>
internal static partial class Slurm
{
    // Job or array task, state, time so far, nodes or the reason for waiting.
    private const string Columns = "%i|%T|%M|%R";

    // States that a job does not leave by itself; in all others it runs, or will.
    private static readonly HashSet<string> s_over =
        ["BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "REVOKED", "TIMEOUT"];

    /// <summary>Gives Slurm a job file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="shards">Which tasks of its array, where it is not all; empty for all, or for a job without an array.</param>
    /// <param name="options">Further options of sbatch.</param>
    /// <exception cref="SlurmException">There is no sbatch, or it refuses; the message has what it said.</exception>
    public static SubmittedJob Submit(string file, IReadOnlyList<int> shards, params IReadOnlyList<string> options)
    {
        var said = ProgramOutput.Of("sbatch", ["--parsable", .. options, file])
            ?? throw new SlurmException("sbatch is not here: this machine submits to no Slurm. --local P computes the shards on this machine.");
        if (said.Code != 0 || JobId().Match(said.Text.Split('\n')[^1]) is not { Success: true } id)
        {
            throw new SlurmException($"sbatch did not take {file}: {(said.Errors.Length > 0 ? said.Errors : said.Text.Length > 0 ? said.Text : $"exit code {said.Code}")}");
        }

        return new SubmittedJob(
            id.Groups["id"].Value,
            shards,
            DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            id.Groups["cluster"] is { Success: true } cluster ? cluster.Value : null);
    }

    /// <summary>What the queue says of some jobs; of those that it has forgotten, nothing.</summary>
    /// <exception cref="SlurmException">There is no squeue, or it does not answer.</exception>
    public static IReadOnlyList<QueueEntry> Queue(IEnumerable<SubmittedJob> jobs) =>
        [.. jobs.GroupBy(j => j.Cluster).SelectMany(c => Queue(c.Key, [.. c]))];

    /// <summary>Reads squeue's lines.</summary>
    internal static IEnumerable<QueueEntry> Parse(string text) =>
        from line in text.Split('\n')
        let fields = line.Split('|', 4)
        where fields.Length == 4
        let task = TaskId().Match(fields[0])
        where task.Success
        select new QueueEntry(
            task.Groups["job"].Value,
            task.Groups["task"] is { Success: true } number ? int.Parse(number.Value, CultureInfo.InvariantCulture) : null,
            fields[1],
            !s_over.Contains(fields[1]),
            fields[2],
            fields[3].Trim());

    private static IEnumerable<QueueEntry> Queue(string? cluster, IReadOnlyList<SubmittedJob> jobs)
    {
        if (jobs.Count == 0)
        {
            return [];
        }

        string[] where = cluster is null ? [] : [$"--clusters={cluster}"];
        var said = ProgramOutput.Of("squeue", ["--noheader", "--array", "--states=all", $"--format={Columns}", $"--jobs={string.Join(',', jobs.Select(j => j.Id))}", .. where])
            ?? throw new SlurmException("squeue is not here: the state of jobs cannot be told.");

        // Jobs that ended a while ago are forgotten; asked for one alone, squeue calls that an error.
        return said.Code == 0 ? Parse(said.Text)
            : said.Errors.Contains("Invalid job id", StringComparison.Ordinal) ? []
            : throw new SlurmException($"squeue does not answer: {(said.Errors.Length > 0 ? said.Errors : $"exit code {said.Code}")}");
    }

    [GeneratedRegex(@"^(?<id>\d+)(;(?<cluster>\S+))?$")]
    private static partial Regex JobId();

    [GeneratedRegex(@"^\s*(?<job>\d+)(_(?<task>\d+))?$")]
    private static partial Regex TaskId();
}

/// <summary>A line of the queue.</summary>
/// <param name="Job">The job, or the array.</param>
/// <param name="Task">The array's task; null for a job that is none.</param>
/// <param name="State">In Slurm's word.</param>
/// <param name="IsActive">Whether it waits or runs.</param>
/// <param name="Time">How long it ran.</param>
/// <param name="Where">Its nodes, or why it waits.</param>
internal sealed record QueueEntry(string Job, int? Task, string State, bool IsActive, string Time, string Where);
