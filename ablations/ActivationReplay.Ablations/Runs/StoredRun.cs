using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Reports;

namespace ActivationReplay.Ablations.Runs;

/// <summary>A run read from its folder, without the models.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Manifest">run.json.</param>
/// <param name="Entries">The journal.</param>
internal sealed record StoredRun(string Path, RunManifest Manifest, IReadOnlyCollection<JournalEntry> Entries)
{
    /// <exception cref="ArgumentException">The folder holds no run.</exception>
    public static StoredRun Read(string path)
    {
        if (!File.Exists(RunFolder.Manifest(path)))
        {
            throw new ArgumentException($"{path} holds no run (no run.json); ls lists those of results/.");
        }

        using var folder = RunFolder.Open(path);
        return new StoredRun(path, RunManifest.Read(path), [.. folder.Entries.Values]);
    }

    public RunConfig Config => Manifest.Config;

    /// <summary>Answers computed without an error.</summary>
    public int Done => Entries.Count(e => e.Row.Error is null);

    /// <summary>Error rows.</summary>
    public int Failed => Entries.Count(e => e.Row.Error is not null);

    public RunReport Report() => RunReport.Of(Config, Entries);

    /// <summary>
    /// Joins the shards of one configuration into a folder of their own; the order in which they are named does not matter.
    /// </summary>
    /// <exception cref="ArgumentException">They are not of one configuration and pair.</exception>
    public static void Merge(IReadOnlyList<string> parts, string into)
    {
        var runs = parts.Select(Read).ToList();
        var whole = runs[0].Manifest with { Shard = null };
        foreach (var run in runs)
        {
            var differences = (run.Manifest with { Shard = null }).DifferencesTo(whole);
            if (differences.Count > 0)
            {
                throw new ArgumentException($"{run.Path} and {runs[0].Path} are of different runs: {string.Join("; ", differences.Take(8))}.");
            }
        }

        using var folder = RunFolder.Open(into);
        folder.Add(runs.SelectMany(r => r.Entries)
            .Where(e => !folder.Entries.TryGetValue(e.Key, out var held) || held.Row.Error is not null));
        whole.Write(into);
        var report = RunReport.Of(whole.Config, folder.Entries.Values);
        report.Write(into);
        RunPage.Write(into, report, folder.Entries.Values);
    }
}
