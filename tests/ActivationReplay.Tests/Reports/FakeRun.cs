using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Generation;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Tests.Reports;

/// <summary>Journals made by hand, for reports.</summary>
internal static class FakeRun
{
    public static RunManifest Manifest(string dataset, int samples, params (string Id, string Method)[] cells) => new()
    {
        Config = new RunConfig
        {
            Name = "fake",
            Pair = new PairConfig("pairs/a/base", "pairs/a/rlvr", "float32", "cpu", 1),
            Dataset = dataset,
            Generation = new GenerationSettings { Samples = samples },
            Cells = [.. cells.Select(c => (c.Id, Method: ReplayMethods.Get(c.Method))).Select(c => new Cell(c.Id, c.Method, c.Method.Defaults(PublishedDepth.Layers)))],
        },
        BaseFingerprint = "base",
        RlvrFingerprint = "rlvr",
        Command = "run fake",
        Started = "2026-01-01T00:00:00Z",
    };

    /// <summary>One answer. Its key is that of a real run where the data set's row is given.</summary>
    public static JournalEntry Entry(
        RunManifest manifest,
        string cell,
        int index,
        bool? correct,
        int repetition = 0,
        string output = "It is \\boxed{4}",
        string? error = null,
        IReadOnlyList<double>? losses = null,
        EntropyMap? entropy = null,
        DatasetRow? row = null)
    {
        var setting = manifest.Config.Cells.First(c => c.Id == cell);
        var id = row?.Id ?? index.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var key = row is null
            ? $"{cell} {index} {repetition}"
            : new JournalKeys(manifest.Config, $"{manifest.BaseFingerprint} {manifest.RlvrFingerprint}").Of(row, setting, repetition);
        return new JournalEntry(
            key,
            index,
            new SampleRow
            {
                Cell = cell,
                Sample = id,
                Repetition = repetition,
                Question = row?.Sample?.Question ?? "How many?",
                Reference = "4",
                Output = error is null ? output : null,
                Extracted = error is null ? "4" : null,
                Correct = error is null ? correct : null,
                NewTokens = error is null ? 7 : null,
                LossFirst = losses is [var first, ..] ? first : null,
                LossLast = losses is [.., var last] ? last : null,
                Error = error,
                Times = error is null ? new SampleTimes { Vision = 0.1, Recording = 0.2, Loop = 0.3, Prefill = 0.1, Decode = 0.4 } : null,
                Settings = SettingColumns.Of(manifest.Config, setting),
            },
            losses ?? [],
            entropy);
    }
}
