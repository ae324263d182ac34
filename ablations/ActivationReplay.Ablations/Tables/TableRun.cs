using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Tables;

/// <summary>A run that is joined with others: whose it is, what it was asked, and its tables.</summary>
/// <param name="Name">The run, in words.</param>
/// <param name="Manifest">run.json.</param>
/// <param name="Report">Its tables, as <c>show</c> and <c>report</c> have them.</param>
/// <param name="Unfinished">How far it is, where it is not at its end; else null.</param>
internal sealed record TableRun(string Name, RunManifest Manifest, RunReport Report, string? Unfinished)
{
    private const int FingerprintLength = 12;

    /// <summary>Takes a stored run.</summary>
    /// <exception cref="ArgumentException">It is a part of a run, or holds no cell.</exception>
    public static TableRun Of(StoredRun stored, string name)
    {
        if (stored.Manifest.Shard is { } shard)
        {
            throw new ArgumentException($"{name} is shard {shard} of a run; merge joins the shards, then table takes the whole.");
        }

        var report = stored.Report();
        return report.Cells.Count == 0
            ? throw new ArgumentException($"{name} holds no cell: neither a journal nor cells.csv has one.")
            : new TableRun(name, stored.Manifest with { QuestionsFingerprint = stored.QuestionsFingerprint }, report, stored.IsWhole ? null : FormattableString.Invariant($"{stored.Done} of {stored.Manifest.Answers} answers{Failed(stored.Failed)}"));
    }

    /// <summary>The configuration.</summary>
    public RunConfig Config => Manifest.Config;

    /// <summary>What tells the pair from others.</summary>
    public string PairKey => $"{Manifest.BaseFingerprint} {Manifest.RlvrFingerprint}";

    /// <summary>The pair by the names of its folders.</summary>
    public string PairName => $"{RunConfig.Named(Config.Pair.Base)} → {RunConfig.Named(Config.Pair.Rlvr)}";

    /// <summary>The start of the fingerprints, where names do not tell pairs apart.</summary>
    public string PairFingerprint => string.Join(" → ", PairKey.Split(' ').Select(f => f[..Math.Min(FingerprintLength, f.Length)]));

    /// <summary>Fingerprint of its questions; null where it does not say what it asked.</summary>
    public string? Questions => Manifest.QuestionsFingerprint;

    /// <summary>Whether two runs ask the same questions: by what they asked, and where one does not say that, by a name that means one set alone.</summary>
    public bool AsksAs(TableRun other) => Questions is { } own && other.Questions is { } theirs
        ? own == theirs
        : LongBenchmarkName == other.LongBenchmarkName && (Name == other.Name || IsNamed);

    /// <summary>The benchmark with its data set's folder.</summary>
    public string LongBenchmarkName => (Config.Published?.Benchmark ?? RunConfig.Named(Config.Dataset)) + First;

    /// <summary>The benchmark in a word: the one that was named, or the data set's name.</summary>
    public string BenchmarkName => (Config.Published?.Benchmark
        ?? (TaskDataset.Is(Config.Dataset) ? Config.Dataset : Path.GetFileNameWithoutExtension(Config.Dataset))) + First;

    /// <summary>Where the questions are from, however many of them were taken.</summary>
    public string Source => TaskDataset.Is(Config.Dataset) && Config.Dataset.Split(':') is [var task, var split, _, .. var seed]
        ? string.Join(':', [task, split, .. seed])
        : RunConfig.Named(Config.Dataset);

    /// <summary>Whether it has all questions of a file, of which another may hold some, too.</summary>
    public bool IsWholeFile => Config.Limit is null && !TaskDataset.Is(Config.Dataset);

    // A file's name is no name of a benchmark: others have it, and its content changes.
    private bool IsNamed => Config.Published?.Benchmark is not null || TaskDataset.Is(Config.Dataset);

    private string First => Config.Limit is { } limit ? FormattableString.Invariant($", first {limit}") : "";

    private static string Failed(long errors) => errors == 0 ? "" : FormattableString.Invariant($", error rows: {errors}");
}
