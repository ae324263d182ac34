using System.Collections.Concurrent;
using System.Diagnostics;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Generation;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Ablations.Execution;

/// <summary>
/// Generates the answers of prepared questions and makes their rows: all that one model answers is one batch, or several for workers side
/// by side where that changes nothing. Where memory runs out for a single question, the answers that are decoded together are halved.
/// </summary>
/// <param name="pair">The pair.</param>
/// <param name="config">The run.</param>
/// <param name="keys">Of its journal.</param>
/// <param name="phase">Which models are there, and so which cells are answered.</param>
/// <param name="sizes">How much is computed together.</param>
/// <param name="answerer">What generates the answers.</param>
internal sealed class SampleAnswers(
    ReplayPair pair, RunConfig config, JournalKeys keys, PairPhase phase, WorkSizes sizes, IAnswerer answerer)
{
    private readonly AnswerEntries rows = new(config, keys);
    private readonly int workers = CpuThreads.Workers(pair);

    /// <summary>Answers prepared questions.</summary>
    /// <param name="questions">The questions.</param>
    /// <param name="isOne">Whether this is the only question of its batch, so that nothing but its own work can make room.</param>
    /// <param name="cancel">Cancels within a step of decoding.</param>
    /// <returns>A row an answer.</returns>
    /// <exception cref="AggregateException">Batches failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was cancelled.</exception>
    public IReadOnlyList<JournalEntry> Of(IReadOnlyList<PreparedQuestion> questions, bool isOne, CancellationToken cancel)
    {
        // Where a row depends on its batch, what is answered together must not follow from the number of workers.
        GenerationBatch[] whole =
            [.. (phase.Role is { } one ? [one] : Enum.GetValues<ModelRole>()).Select(role => GenerationBatch.Of(role, questions, config.Generation))];
        var share = whole.Sum(batch => batch.Asked.Count) / workers;
        GenerationBatch[] batches = [.. whole.SelectMany(batch => pair.Model(batch.Role).IsEqualInAnyBatch ? batch.Parts(share) : [batch])];
        var entries = new IReadOnlyList<JournalEntry>[batches.Length];
        // The largest first, one at a time, so that no worker is left with much when the others are done.
        var order = Partitioner.Create(batches.Index().OrderByDescending(b => b.Item.Asked.Count), EnumerablePartitionerOptions.NoBuffering);
        Parallel.ForEach(order, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancel }, batch =>
            entries[batch.Index] = Generate(batch.Item, isOne, cancel));
        return [.. entries.SelectMany(e => e), .. questions.SelectMany(Broken)];
    }

    private IReadOnlyList<JournalEntry> Generate(GenerationBatch batch, bool isOne, CancellationToken cancel)
    {
        return Halving.Run(
            batch.Asked,
            sizes.Sequences,
            (part, wasHalved) => Decode(part, MemoryNote.Of(wasHalved, part.Count, "answer")),
            (one, e) => rows.Failed(one.Question.Row, one.Question.Index, [one.Cell.Cell], MemoryNote.Error(e, config), e.ToString(), one.Sample),
            halves: isOne);

        IEnumerable<JournalEntry> Decode(IReadOnlyList<(PreparedQuestion Question, PreparedCell Cell, int Sample)> part, string? note)
        {
            var (answers, seconds) = answerer.Answer(batch.Role, batch.Requests(part, config.Generation), cancel);
            var memory = Process.GetCurrentProcess().PeakWorkingSet64;
            return part.Zip(answers.SelectMany(a => a)).Select(p => Entry(
                p.First.Question,
                p.First.Cell,
                p.Second,
                p.First.Sample,
                p.First.Cell.Times with { Prefill = seconds.Prefill / part.Count, Decode = seconds.Decode / part.Count, MemoryPeak = memory },
                MemoryNote.Joined(p.First.Question.Note, p.First.Cell.Note, note)));
        }
    }

    private IEnumerable<JournalEntry> Broken(PreparedQuestion question) =>
    [
        .. question.Cells.Where(c => c.BrokenStep is not null).SelectMany(c => rows.Failed(
            question.Row, question.Index, [c.Cell], $"diverged: the loss is not finite at step {c.BrokenStep}; lower the learning rate")),
        .. question.Failed.SelectMany(f => rows.Failed(question.Row, question.Index, [f.Cell], f.Error)),
    ];

    private JournalEntry Entry(
        PreparedQuestion question, PreparedCell prepared, GeneratedSequence answer, int repetition, SampleTimes times, string? note)
    {
        var (row, context) = (question.Row, question.Context);
        var trace = prepared.Preparation.Trace;
        var result = rows.Judged(row, prepared.Cell, pair.Processor.Tokenizer.Decode(answer.Ids)) with
        {
            Repetition = repetition,
            Finished = answer.Finished,
            PromptTokens = context.Inputs.Length,
            VisualTokens = context.Inputs.VisualPositions.Count,
            NewTokens = answer.Ids.Count,
            LossFirst = trace?.Losses.Count > 0 ? trace.Losses[0] : null,
            LossLast = trace?.Losses.Count > 0 ? trace.Losses[^1] : null,
            Status = trace?.Status.ToString(),
            Times = times,
            Note = note,
        };
        return new JournalEntry(
            keys.Of(row, prepared.Cell, repetition),
            question.Index,
            result,
            repetition == 0 ? trace?.Losses ?? [] : [],
            repetition == 0 ? EntropyMap.Of(prepared.Cell, prepared.Preparation, context.Inputs) : null);
    }
}
