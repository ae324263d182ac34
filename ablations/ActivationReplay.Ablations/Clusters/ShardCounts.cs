using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Clusters;

/// <summary>Counts the answers of a run's shards from their journals, whoever writes them.</summary>
/// <param name="run">The run's folder.</param>
/// <param name="submission">Its shards.</param>
internal sealed class ShardCounts(string run, Submission submission)
{
    /// <summary>The state of a shard that holds all its answers.</summary>
    public const string Finished = "finished";

    /// <summary>The state of a shard that a process computes.</summary>
    public const string Running = "running";

    private readonly Dictionary<Shard, JournalTail> tails =
        submission.Shards.ToDictionary(s => s, s => new JournalTail(Submission.Folder(run, s)));

    /// <summary>Looks at a shard's journal.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="active">What is said of the process that computes it, if there is one; the state of a shard that is whole is said otherwise.</param>
    /// <param name="ended">How the last process that computed it ended, where that is known.</param>
    public ShardStatus Look(Shard shard, (string State, string Where)? active, string? ended)
    {
        var tail = tails[shard];
        lock (tail)
        {
            tail.Look();
            var answers = submission.Answers[shard.Index - 1];
            var isWhole = tail.Done + (tail.Failed * submission.Samples) >= answers;
            var log = Submission.Log(run, shard);
            var (state, where) = active
                ?? (isWhole ? (Finished, "")
                    : ended is not null ? (ended, File.Exists(log) ? $"see {log}" : "")
                    : (tail.Done + tail.Failed > 0 ? "stopped" : "not begun", ""));
            return new ShardStatus(shard, tail.Done, tail.Failed, answers, state, where);
        }
    }

    /// <summary>What is said of a process that writes a shard and that no queue knows; null where there is none.</summary>
    public (string State, string Where)? Writer(Shard shard) => Submission.Folder(run, shard) is var folder && RunFolder.IsHeld(folder)
        ? (Running, FolderLease.HolderOf(folder)?.ToString() ?? "")
        : null;

    /// <summary>The answers that a shard holds, errors included.</summary>
    public long Held(Shard shard) => Look(shard, null, null) is var s ? s.Done + s.Failed : 0;
}
