using System.Diagnostics;
using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Reports;

/// <summary>Joins the shards of one run.</summary>
internal static class RunMerge
{
    /// <summary>
    /// Writes the whole run of some shards into a folder of its own; the order in which they are named does not matter. Where
    /// another process merges there, this one waits for it.
    /// </summary>
    /// <param name="shards">Reads the shards; asked again after waiting, when more of them may have begun.</param>
    /// <param name="into">The folder of the whole run.</param>
    /// <param name="patience">How long to wait for another process that has the folder.</param>
    /// <param name="say">Told what is waited for; null for nobody.</param>
    /// <param name="cancel">Gives up waiting.</param>
    /// <returns>What is not in it, a phrase each: shards that were not named, and answers that shards lack; empty where the run is whole.</returns>
    /// <exception cref="ArgumentException">They are not of one configuration and pair, or <paramref name="into"/> is another run's.</exception>
    /// <exception cref="FolderHeldException">Another process has the folder for longer.</exception>
    public static IReadOnlyList<string> Merge(
        Func<IReadOnlyList<StoredRun>> shards, string into, TimeSpan patience = default, Action<string>? say = null, CancellationToken cancel = default)
    {
        // Before the folder is made.
        Check(shards(), into);
        StoredRun.RefuseTablesAlone(into, ResumeMode.Same);
        using var folder = Open(into, patience, say, cancel);

        // Again: the shards may have grown while another process had the folder.
        var runs = shards();
        Check(runs, into);
        var questions = runs.DistinctBy(r => r.Manifest.Shard).Sum(r => r.Manifest.Questions);
        var earlier = folder.Entries.Count > 0 && File.Exists(RunFolder.Manifest(into)) ? RunManifest.Read(into).Questions : questions;
        var whole = Whole(runs[0].Manifest) with
        {
            Questions = Math.Max(questions, earlier),
            Sizes = runs.Select(r => r.Manifest.Sizes).Distinct().Count() == 1 ? runs[0].Manifest.Sizes : null,
            Sessions = [.. runs.SelectMany(r => r.Manifest.Sessions).OrderBy(s => s.Started, StringComparer.Ordinal)],
        };
        // A merge of other shards of the same run has other questions.
        RunClaim.Refuse(folder, whole with { Questions = earlier });
        folder.Add(runs.SelectMany(r => r.Entries).Where(entry => !folder.Entries.TryGetValue(entry.Key, out var held) || held.Row.Error is not null));
        var report = RunReport.Of(whole.Config, folder.Entries.Values);
        if (StoredTables.Read(into)?.HoldMoreThan(report, whole.Config.Generation.Samples) == true)
        {
            throw new ArgumentException($"{into}: its tables hold more answers than its journal and these shards; they stay as they are. Name another --out.");
        }

        whole.Write(into);
        RunFiles.Write(into, report, folder.Entries.Values);
        return [.. Missing(runs.Select(r => r.Manifest.Shard)), .. runs.Where(r => r.Lacking > 0).Select(r => string.Create(
            CultureInfo.InvariantCulture, $"{r.Lacking} of {r.Manifest.Answers} answers of {(r.Manifest.Shard is { } shard ? $"shard {shard}" : r.Name)}"))];
    }

    private static void Check(IReadOnlyList<StoredRun> runs, string into)
    {
        var first = runs[0];
        foreach (var run in runs)
        {
            if (run.Loss is { } loss)
            {
                throw new ArgumentException($"{loss} Merged, the others would be lost. This computes it again:\n{run.Commands}");
            }

            if (SamePath(run.Path, into))
            {
                throw new ArgumentException($"{into} is one of the shards; name another --out.");
            }

            var differences = Whole(run.Manifest).DifferencesTo(Whole(first.Manifest));
            if (differences.Count > 0)
            {
                throw new ArgumentException($"{run.Name} and {first.Name} are of different runs: {string.Join("; ", differences.Take(8))}.");
            }
        }
    }

    private static RunFolder Open(string into, TimeSpan patience, Action<string>? say, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        var isSaid = false;
        while (true)
        {
            try
            {
                return RunFolder.Open(into, say, cancel: cancel);
            }
            catch (FolderHeldException e) when (watch.Elapsed < patience)
            {
                if (!isSaid)
                {
                    isSaid = true;
                    say?.Invoke($"{e.Message} This one waits.");
                }

                cancel.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(200));
                cancel.ThrowIfCancellationRequested();
            }
        }
    }

    private static RunManifest Whole(RunManifest manifest) => manifest with { Shard = null, Questions = 0 };

    private static bool SamePath(string a, string b) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(a)) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(b));

    private static IReadOnlyList<string> Missing(IEnumerable<string?> shards)
    {
        var named = shards.Select(s => s is null ? (Shard?)null : Shard.Parse(s)).ToHashSet();
        return named.Contains(null)
            ? []
            : [.. Enumerable.Range(1, named.First()!.Value.Count).Select(i => new Shard(i, named.First()!.Value.Count)).Where(s => !named.Contains(s)).Select(s => $"shard {s}")];
    }
}
