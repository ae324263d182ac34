using System.Globalization;
using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Clusters;

/// <summary>Joins the queue of Slurm and the journals of a run's shards.</summary>
/// <param name="run">The run's folder.</param>
/// <param name="submission">What was submitted.</param>
internal sealed class SlurmWatch(string run, Submission submission)
{
    // A controller that is started anew does not answer for a while.
    private const int MostFailures = 20;

    private readonly ShardCounts counts = new(run, submission);
    private IReadOnlyList<QueueEntry> queue = [];
    private int failures;

    /// <summary>Looks at both.</summary>
    /// <exception cref="SlurmException">The queue has not answered often in a row.</exception>
    public RunStatus Look()
    {
        string? problem = null;
        try
        {
            queue = Slurm.Queue(submission.Submitted);
            failures = 0;
        }
        catch (SlurmException e) when (++failures < MostFailures)
        {
            problem = e.Message;
        }

        var merges = submission.Submitted.Where(j => j.Shards.Count == 0)
            .SelectMany(j => queue.Where(q => q.Job == j.Id)).Select(q => $"merge {Words(q)}").LastOrDefault();
        var shards = submission.Shards.Select(Status).ToList();
        return new RunStatus(
            shards,
            string.Join("; ", new[] { merges, problem }.Where(n => n is not null)) is { Length: > 0 } note ? note : null,
            problem is null && !queue.Any(q => q.IsActive) && shards.TrueForAll(s => s.State != ShardCounts.Running));
    }

    /// <summary>The jobs of the run that wait or run.</summary>
    public IReadOnlyList<string> ActiveJobs() => [.. Slurm.Queue(submission.Submitted).Where(q => q.IsActive).Select(q => q.Job).Distinct()];

    private ShardStatus Status(Configuration.Shard shard)
    {
        // Of several submissions the last one counts.
        var job = submission.Submitted.LastOrDefault(j => j.Shards.Contains(shard.Index));
        var entry = job is null ? null : queue.FirstOrDefault(q => q.Job == job.Id && q.Task == shard.Index);
        return entry switch
        {
            { IsActive: true } => counts.Look(shard, (Lower(entry.State), entry.Time == "0:00" ? entry.Where : $"{entry.Where} {entry.Time}"), null),
            { State: not "COMPLETED" } => counts.Look(shard, null, Lower(entry.State)),
            { } => counts.Look(shard, null, null),
            null => counts.Look(shard, counts.Writer(shard), null),
        };
    }

    private static string Words(QueueEntry entry) => string.Create(CultureInfo.InvariantCulture, $"{entry.Job} {Lower(entry.State)}{(entry.Where.Length > 0 ? $" {entry.Where}" : "")}");

    private static string Lower(string state) => state.ToLowerInvariant().Replace('_', ' ');
}
