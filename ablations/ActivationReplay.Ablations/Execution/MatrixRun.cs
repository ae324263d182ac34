using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Ablations.Execution;

/// <summary>The answers of one batch of questions.</summary>
/// <param name="Questions">The number of questions.</param>
/// <param name="Entries">Their answers.</param>
/// <param name="WasHeld">Whether an earlier run computed them.</param>
internal sealed record BatchResult(int Questions, IReadOnlyList<JournalEntry> Entries, bool WasHeld);

/// <summary>Computes what a run's journal lacks.</summary>
internal sealed class MatrixRun(ReplayPair pair, RunConfig config, RunFolder folder, WorkSizes sizes)
{
    // Long enough that loading two models is little beside it, short enough that its recordings fit on a disk.
    private const int StretchQuestions = 64;

    private readonly JournalKeys keys = new(config, $"{pair.Checkpoints.Base.Fingerprint} {pair.Checkpoints.Rlvr.Fingerprint}");

    /// <summary>Checks, before anything is computed, that the settings of all cells fit the model.</summary>
    /// <exception cref="ArgumentException">A layer is asked for that the model lacks; the message names the cell.</exception>
    public static void Check(RunConfig config, int modelLayers)
    {
        foreach (var cell in config.Cells)
        {
            try
            {
                cell.Method.Check(cell.Settings, modelLayers);
            }
            catch (ArgumentOutOfRangeException e)
            {
                throw new ArgumentException($"cell '{cell.Id}': {e.Message}", e);
            }
        }
    }

    /// <summary>
    /// Runs batches until all are done or <paramref name="cancel"/> is cancelled. The current batch is then dropped, and computed
    /// again by the next run.
    /// </summary>
    /// <param name="batches">The questions and their indices in the data set.</param>
    /// <param name="onBatch">Called with the result of each batch, including those of an earlier run.</param>
    /// <param name="cancel">Stops between batches, or within one after a step of optimisation or decoding.</param>
    public void Run(
        IReadOnlyList<IReadOnlyList<(int Index, DatasetRow Row)>> batches, Action<BatchResult> onBatch, CancellationToken cancel)
    {
        if (pair.Models == ModelsInMemory.One && config.Agent is null)
        {
            RunOneModelAtATime(batches, onBatch, cancel);
            return;
        }

        IBatchRunner runner = config.Agent is null ? Runner(PairPhase.Both, shelf: null) : new AgentRunner(pair, config, keys);
        using var ahead = new VideosAhead(pair.Processor, new PixelLimits(config.MinPixels, config.MaxPixels));
        foreach (var (number, batch) in batches.Index())
        {
            if (cancel.IsCancellationRequested)
            {
                return;
            }

            var held = Held(batch);
            if (held is null && number + 1 < batches.Count)
            {
                ahead.Begin(batches[number + 1].Select(q => q.Row));
            }

            var entries = held ?? Compute(runner, batch, cancel);
            if (entries is null)
            {
                return;
            }

            onBatch(new BatchResult(batch.Count, entries, held is not null));
        }
    }

    // Stretches of batches that lack answers; those of the others are told at once.
    private void RunOneModelAtATime(
        IReadOnlyList<IReadOnlyList<(int Index, DatasetRow Row)>> batches, Action<BatchResult> onBatch, CancellationToken cancel)
    {
        var open = new List<IReadOnlyList<(int Index, DatasetRow Row)>>();
        foreach (var batch in batches)
        {
            if (Held(batch) is { } held)
            {
                onBatch(new BatchResult(batch.Count, held, WasHeld: true));
            }
            else
            {
                open.Add(batch);
            }
        }

        var phases = PairPhase.OneAtATime([.. config.Cells.Select(c => (c.Method, c.Settings))]);
        using var shelf = new RecordingShelf(pair, Path.Combine(folder.Path, "recordings"));
        foreach (var stretch in open.Chunk(Math.Max(1, StretchQuestions / Math.Max(1, config.Batch))))
        {
            if (!RunStretch(stretch, phases, shelf, onBatch, cancel))
            {
                return;
            }

            shelf.Clear();
        }
    }

    private bool RunStretch(
        IReadOnlyList<(int Index, DatasetRow Row)>[] stretch,
        IReadOnlyList<PairPhase> phases,
        RecordingShelf shelf,
        Action<BatchResult> onBatch,
        CancellationToken cancel)
    {
        var entries = stretch.Select(_ => new List<JournalEntry>()).ToArray();
        foreach (var phase in phases)
        {
            pair.Model(phase.Role!.Value);
            var runner = Runner(phase, shelf);
            foreach (var (i, batch) in stretch.Index())
            {
                // A question that failed has an error in every cell, and is done.
                var failed = entries[i].Where(e => e.Row.Error is not null).CountBy(e => e.Index)
                    .Where(errors => errors.Value == config.Cells.Count).Select(errors => errors.Key).ToHashSet();
                if (cancel.IsCancellationRequested || Compute(runner, [.. batch.Where(q => !failed.Contains(q.Index))], cancel) is not { } computed)
                {
                    return false;
                }

                entries[i].AddRange(computed);
                if (phase == phases[^1])
                {
                    onBatch(new BatchResult(batch.Count, entries[i], WasHeld: false));
                }
            }
        }

        return true;
    }

    private SampleRunner Runner(PairPhase phase, RecordingShelf? shelf) => new(pair, config, keys, phase, shelf, sizes, new PairAnswerer(pair));

    // A batch that lacks an answer is computed whole, as it was the first time. Null where it was given up.
    private IReadOnlyList<JournalEntry>? Compute(
        IBatchRunner runner, IReadOnlyList<(int Index, DatasetRow Row)> batch, CancellationToken cancel)
    {
        try
        {
            var computed = runner.Run(batch, cancel);
            folder.Add(computed.Where(e => !Done(e.Key)));
            return computed;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    // All answers of a batch, if the journal has them and none failed that could now succeed.
    private List<JournalEntry>? Held(IReadOnlyList<(int Index, DatasetRow Row)> batch)
    {
        var held = new List<JournalEntry>();
        foreach (var (_, row) in batch)
        {
            var repetitions = row.Sample is null ? 1 : config.Generation.Samples;
            foreach (var key in config.Cells.SelectMany(cell => Enumerable.Range(0, repetitions).Select(r => keys.Of(row, cell, r))))
            {
                if (!folder.Entries.TryGetValue(key, out var entry) || entry.Row.Error != row.Error)
                {
                    return null;
                }

                held.Add(entry);
            }
        }

        return held;
    }

    private bool Done(string key) => folder.Entries.TryGetValue(key, out var entry) && entry.Row.Error is null;
}
