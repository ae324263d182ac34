using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Replay;

namespace ActivationReplay.Ablations.Runs;

/// <summary>Part i of n of a data set's samples.</summary>
/// <param name="Index">From 1.</param>
/// <param name="Count">How many parts.</param>
public readonly record struct Shard(int Index, int Count)
{
    /// <summary>Whether the sample at <paramref name="place"/> belongs to this part.</summary>
    public bool Has(int place) => place % Count == Index - 1;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Index}/{Count}");
}

/// <summary>Computes what a run's journal lacks.</summary>
internal sealed class MatrixRun(LoadedPair pair, RunConfig config, RunFolder folder)
{
    private readonly JournalKeys keys = new(config, $"{pair.Checkpoints.Base.Fingerprint} {pair.Checkpoints.Rlvr.Fingerprint}");

    /// <summary>Answers that this run wants, done or not.</summary>
    public static long Wanted(RunConfig config, int samples) => (long)samples * config.Cells.Count * config.Generation.Samples;

    /// <summary>Says before anything is computed where a cell's settings do not fit the model.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A layer is asked for that the model lacks.</exception>
    public void Check()
    {
        foreach (var cell in config.Cells)
        {
            ReplayMethods.Get(cell.Method).Check(cell.Settings, pair.Model(ModelRole.Rlvr).Layers);
        }
    }

    /// <summary>Runs samples until all are done or <paramref name="cancel"/> is asked for; the one at hand is finished.</summary>
    /// <param name="rows">The samples and their places in the data set.</param>
    /// <param name="onSample">Sees each sample's answers, those of an earlier run, too.</param>
    /// <param name="cancel">Stops between samples.</param>
    public void Run(IReadOnlyList<(int Place, DatasetRow Row)> rows, Action<IReadOnlyList<JournalEntry>> onSample, CancellationToken cancel)
    {
        var runner = new SampleRunner(pair, config, keys);
        foreach (var (place, row) in rows)
        {
            if (cancel.IsCancellationRequested)
            {
                return;
            }

            var held = Held(row);
            if (held is null)
            {
                // A sample's cells are one batch always, so a sample that lacks one is computed whole.
                var computed = runner.Run(row, place);
                folder.Add(computed.Where(e => !Done(e.Key)));
                held = computed;
            }

            onSample(held);
        }
    }

    // All answers of a sample, if the journal has them and none failed.
    private IReadOnlyList<JournalEntry>? Held(DatasetRow row)
    {
        var wanted = config.Cells.SelectMany(cell =>
            Enumerable.Range(0, config.Generation.Samples).Select(repetition => keys.Of(row, cell, repetition))).ToList();
        return wanted.TrueForAll(Done) ? [.. wanted.Select(k => folder.Entries[k])] : null;
    }

    private bool Done(string key) => folder.Entries.TryGetValue(key, out var entry) && entry.Row.Error is null;
}
