using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Reports;

/// <summary>A run read from its folder, without the models; another process may be writing it.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Manifest">run.json.</param>
/// <param name="Entries">The journal.</param>
internal sealed record StoredRun(string Path, RunManifest Manifest, IReadOnlyCollection<JournalEntry> Entries)
{
    private readonly Lazy<StoredTables?> tables = new(() => StoredTables.Read(Path));
    private IReadOnlyList<SampleRow>? rows;

    /// <summary>The folder of a run that is named by it, or by its name under results/.</summary>
    public static string Locate(string run) => Directory.Exists(run) ? run : RepositoryPaths.Find("results", run);

    /// <exception cref="ArgumentException">The folder holds no run.</exception>
    public static StoredRun Read(string path) => File.Exists(RunFolder.Manifest(path))
        ? new StoredRun(path, RunManifest.Read(path), RunFolder.Peek(path))
        : throw new ArgumentException($"{path} holds no run (no run.json); ls lists those of results/.");

    /// <summary>
    /// Refuses a folder whose tables are there and whose journal is not, before anything is written: a run could not go on with
    /// them, and would replace them by less.
    /// </summary>
    /// <param name="path">The run's folder; it need not be there.</param>
    /// <param name="mode">What was asked for.</param>
    /// <exception cref="ArgumentException">It is such a folder, and is not to begin anew.</exception>
    public static void RefuseTablesAlone(string path, ResumeMode mode)
    {
        if (mode != ResumeMode.Discard && File.Exists(RunFolder.Manifest(path)) && Read(path) is { HasTablesAlone: true } stored)
        {
            throw new ArgumentException($"{stored.Loss} Name another --out, or begin anew in their place with --resume discard.");
        }
    }

    public RunConfig Config => Manifest.Config;

    /// <summary>What messages call it: the folder, or the bundle that the folder was unpacked from.</summary>
    public string Name { get; init; } = Path;

    /// <summary>Whether all answers are there. An error row stands for all repetitions.</summary>
    public bool IsWhole => Lacking == 0;

    /// <summary>Whether the tables are there and the journal that they were made of is not, as in a repository.</summary>
    public bool HasTablesAlone => Entries.Count == 0 && tables.Value is not null;

    /// <summary>Answers computed without an error.</summary>
    public long Done => HasTablesAlone ? tables.Value!.Done : Rows.LongCount(r => r.Error is null);

    /// <summary>Error rows. Each stands for all repetitions.</summary>
    public long Failed => HasTablesAlone ? tables.Value!.Failed : Rows.LongCount(r => r.Error is not null);

    /// <summary>How far it is, in a word.</summary>
    public string State => RunFolder.IsHeld(Path) ? "running"
        : HasTablesAlone ? "tables only"
        : IsWhole ? "finished"
        : "unfinished";

    /// <summary>Answers that are still to be computed.</summary>
    public long Lacking => Math.Max(0, Manifest.Answers - Done - (Failed * Config.Generation.Samples));

    /// <summary>Fingerprint of its questions, as recorded, or of those that were answered; null where not all of them were.</summary>
    public string? QuestionsFingerprint => Manifest.QuestionsFingerprint
        ?? QuestionSet.Fingerprint(HasTablesAlone ? StoredTables.Answers(Path) : Rows, Manifest.Questions);

    private IReadOnlyList<SampleRow> Rows => rows ??= [.. RunReport.Sorted(Config, Entries).Select(e => e.Row)];

    /// <summary>A sentence on what the tables have that the journal lacks; null if they can be made again without loss.</summary>
    public string? Loss => HasTablesAlone
        ? $"{Name} holds tables of {tables.Value!.Done} answers, but not the journal that they were made of; they stay as they are."
        : tables.Value is { } there && there.HoldMoreThan(Report(), Config.Generation.Samples)
            ? $"{Name}: the tables hold {there.Done} answers and the journal only {Done}; the tables stay as they are."
            : null;

    /// <summary>The commands that computed it, a line each.</summary>
    public string Commands => string.Join('\n', Manifest.Sessions.Select(s => s.Command).DefaultIfEmpty(Manifest.Command).Distinct()
        .Select(command => $"  {CommandLines.Program} {command}"));

    /// <summary>The tables, made from the journal, or read as they were written if the journal is gone.</summary>
    public RunReport Report() => HasTablesAlone ? StoredTables.Report(Path) : RunReport.Of(Config, Entries);
}
