using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Execution;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Files;

namespace ActivationReplay.Ablations.Clusters;

/// <summary>Divides a run among shards, and looks what of it is there already.</summary>
internal static class RunSharding
{
    /// <summary>The shards of a run; those of an earlier call where there was one.</summary>
    /// <param name="run">The run's folder; it need not be there.</param>
    /// <param name="config">The run.</param>
    /// <param name="rows">Its data set.</param>
    /// <param name="count">How many shards.</param>
    /// <param name="command">The command line.</param>
    /// <exception cref="ArgumentException">There are too many shards, or the folder holds something else.</exception>
    public static Submission Of(string run, RunConfig config, IReadOnlyList<DatasetRow> rows, int count, string command)
    {
        var batches = QuestionBatches.Of(rows, config.Batch, null).Count;
        if (count < 1 || count > batches)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"--shards {count}: allowed are 1 to {batches}, for {rows.Count} questions are {batches} batches of {config.Batch}{(config.Batch > 1 ? " (--batch 1 makes more)" : "")}."));
        }

        var now = new Submission
        {
            Command = command,
            Samples = config.Generation.Samples,
            Answers = [.. Enumerable.Range(1, count).Select(i => config.Answers(QuestionBatches.Of(rows, config.Batch, new Shard(i, count)).Sum(b => b.Count)))],
        };
        if (!Submission.IsIn(run))
        {
            return FolderContents.Of(run) is { Count: > 0 } content
                ? throw new ArgumentException($"{run} holds {FolderContents.Say(content)}, and no run that was submitted; name another --out.")
                : now;
        }

        var earlier = Submission.Read(run);
        if (earlier.Answers.Count != count)
        {
            throw new ArgumentException($"{run} was submitted in {earlier.Answers.Count} shards, not {count}; name another --out.");
        }

        foreach (var folder in earlier.Shards.Select(s => Submission.Folder(run, s)).Where(f => File.Exists(RunFolder.Manifest(f))))
        {
            RefuseAnother(folder, config);
        }

        return now with { Written = earlier.Written, Submitted = earlier.Submitted };
    }

    /// <summary>The shards that lack answers, or have error rows that another start may put right.</summary>
    public static IReadOnlyList<Shard> Open(string run, Submission submission) =>
    [
        .. submission.Shards.Where(s => Submission.Folder(run, s) is var folder
            && (!File.Exists(RunFolder.Manifest(folder)) || StoredRun.Read(folder) is { Lacking: > 0 } or { Failed: > 0 })),
    ];

    private static void RefuseAnother(string folder, RunConfig config)
    {
        var there = RunManifest.Read(folder);
        var differences = there.DifferencesTo(there with { Config = config });
        if (differences.Count > 0)
        {
            throw new ArgumentException($"{folder} was begun with another configuration; name another --out. They differ in {string.Join("; ", differences.Take(8))}.");
        }
    }
}
