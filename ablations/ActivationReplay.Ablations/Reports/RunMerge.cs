using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Reports;

/// <summary>Joins the shards of one run.</summary>
internal static class RunMerge
{
    /// <summary>
    /// Writes the whole run of some shards into a folder of its own; the order in which they are named does not matter.
    /// </summary>
    /// <returns>The shards that were not named, I/N each; empty where the run is whole.</returns>
    /// <exception cref="ArgumentException">They are not of one configuration and pair, or <paramref name="into"/> is another run's.</exception>
    public static IReadOnlyList<string> Merge(IReadOnlyList<StoredRun> runs, string into)
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

        var whole = Whole(first.Manifest) with
        {
            Questions = runs.DistinctBy(r => r.Manifest.Shard).Sum(r => r.Manifest.Questions),
            Sizes = runs.Select(r => r.Manifest.Sizes).Distinct().Count() == 1 ? first.Manifest.Sizes : null,
            Sessions = [.. runs.SelectMany(r => r.Manifest.Sessions).OrderBy(s => s.Started, StringComparer.Ordinal)],
        };
        StoredRun.RefuseTablesAlone(into, ResumeMode.Same);
        using var folder = RunFolder.Open(into);
        RunClaim.Refuse(folder, whole);
        foreach (var entry in runs.SelectMany(r => r.Entries))
        {
            if (!folder.Entries.TryGetValue(entry.Key, out var held) || held.Row.Error is not null)
            {
                folder.Add([entry]);
            }
        }

        var report = RunReport.Of(whole.Config, folder.Entries.Values);
        if (StoredTables.Read(into)?.HoldMoreThan(report, whole.Config.Generation.Samples) == true)
        {
            throw new ArgumentException($"{into}: its tables hold more answers than its journal and these shards; they stay as they are. Name another --out.");
        }

        whole.Write(into);
        RunFiles.Write(into, report, folder.Entries.Values);
        return Missing(runs.Select(r => r.Manifest.Shard));
    }

    private static RunManifest Whole(RunManifest manifest) => manifest with { Shard = null, Questions = 0 };

    private static bool SamePath(string a, string b) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(a)) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(b));

    private static IReadOnlyList<string> Missing(IEnumerable<string?> shards)
    {
        var named = shards.Select(s => s is null ? (Shard?)null : Shard.Parse(s)).ToHashSet();
        return named.Contains(null)
            ? []
            : [.. Enumerable.Range(1, named.First()!.Value.Count).Select(i => new Shard(i, named.First()!.Value.Count)).Where(s => !named.Contains(s)).Select(s => s.ToString())];
    }
}
