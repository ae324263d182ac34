using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Reports;

/// <summary>A run read from its folder, without the models; another process may be writing it.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Manifest">run.json.</param>
/// <param name="Entries">The journal.</param>
internal sealed record StoredRun(string Path, RunManifest Manifest, IReadOnlyCollection<JournalEntry> Entries)
{
    private IReadOnlyList<SampleRow>? rows;

    /// <exception cref="ArgumentException">The folder holds no run.</exception>
    public static StoredRun Read(string path) => File.Exists(RunFolder.Manifest(path))
        ? new StoredRun(path, RunManifest.Read(path), RunFolder.Peek(path))
        : throw new ArgumentException($"{path} holds no run (no run.json); ls lists those of results/.");

    public RunConfig Config => Manifest.Config;

    /// <summary>Answers computed without an error.</summary>
    public long Done => Rows.LongCount(r => r.Error is null);

    /// <summary>Error rows.</summary>
    public long Failed => Rows.LongCount(r => r.Error is not null);

    /// <summary>How far it is, in a word. An error row stands for all repetitions.</summary>
    public string State => RunFolder.IsHeld(Path) ? "running"
        : Done + (Failed * Config.Generation.Samples) >= Manifest.Answers ? "finished"
        : "unfinished";

    private IReadOnlyList<SampleRow> Rows => rows ??= [.. RunReport.Sorted(Config, Entries).Select(e => e.Row)];

    public RunReport Report() => RunReport.Of(Config, Entries);
}
