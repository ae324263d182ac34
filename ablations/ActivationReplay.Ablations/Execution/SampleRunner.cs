using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Errors;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Native;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Ablations.Execution;

/// <summary>
/// Runs every cell on a batch of questions. A question's encodings and recordings are shared by its cells; variants of a method,
/// of several questions, are one batch in its loop, and all that one model answers, of all the questions, is one batch of
/// generation: as far as <see cref="WorkSizes"/> allows. Where memory runs out in a loop of several questions, these are halved; else
/// first the questions are halved, then of a single one the variants of a loop and the answers that are decoded together; the rows say
/// so, and what does not fit alone is an error row.
/// </summary>
/// <param name="pair">The pair.</param>
/// <param name="config">The run.</param>
/// <param name="keys">Of its journal.</param>
/// <param name="phase">Which models are there, and so which cells are answered.</param>
/// <param name="shelf">Where recordings wait for the other model; null with both models.</param>
/// <param name="sizes">How much is computed together.</param>
/// <param name="answerer">What generates the answers.</param>
internal sealed class SampleRunner(
    ReplayPair pair, RunConfig config, JournalKeys keys, PairPhase phase, RecordingShelf? shelf, WorkSizes sizes, IAnswerer answerer) : IBatchRunner
{
    private readonly AnswerEntries rows = new(config, keys);
    private readonly int workers = CpuThreads.Workers(pair);
    private readonly IReadOnlyList<Cell> cells = [.. config.Cells.Where(c => phase.IsAnswered(c.Method))];
    private readonly IReadOnlyList<(IReplayMethod Method, MethodSettings Settings)> asked = [.. config.Cells.Select(c => (c.Method, c.Settings))];

    // The cells of a question that fails: with one model at a time what RLVR answered is in the journal when base answers.
    private IReadOnlyList<Cell> Failing => phase == PairPhase.BaseAnswers ? cells : config.Cells;

    /// <inheritdoc/>
    public IReadOnlyList<JournalEntry> Run(IReadOnlyList<(int Index, DatasetRow Row)> batch, CancellationToken cancel) =>
        Halving.Run(batch, sizes.Questions, (part, wasHalved) => Together(part, MemoryNote.Of(wasHalved, part.Count, "question"), cancel));

    private IReadOnlyList<JournalEntry> Together(IReadOnlyList<(int Index, DatasetRow Row)> batch, string? note, CancellationToken cancel)
    {
        var prepared = new PreparedQuestion?[batch.Count];
        var failed = new IReadOnlyList<JournalEntry>[batch.Count];
        var isOne = batch.Count == 1;
        try
        {
            // Loops of neighbours are one batch; how many batches are computed at a time changes nothing.
            var parts = Enumerable.Range(0, batch.Count).Chunk(sizes.Loops).ToArray();
            Parallel.For(0, parts.Length, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancel }, p =>
            {
                foreach (var i in parts[p])
                {
                    failed[i] = Attempt(batch[i].Row, batch[i].Index, isOne, () =>
                    {
                        prepared[i] = Begin(batch[i].Row, batch[i].Index, note, cancel);
                        return [];
                    });
                }

                foreach (var (i, lost) in Optimise([.. parts[p].Where(i => prepared[i] is not null).Select(i => (i, prepared[i]!))], isOne, cancel))
                {
                    failed[i] = lost;
                }
            });
            PreparedQuestion[] ready = [.. prepared.Zip(failed).Where(p => p.Second.Count == 0).Select(p => p.First!)];
            return [.. failed.SelectMany(f => f), .. ready is [var one]
                ? Attempt(one.Row, one.Index, isOne, () => Answer(ready, isOne, cancel))
                : Answer(ready, isOne, cancel)];
        }
        finally
        {
            foreach (var question in prepared)
            {
                question?.Dispose();
            }
        }
    }

    // One bad question is its error rows, not a dead run. Memory that ran out is of all questions that are computed together.
    private IReadOnlyList<JournalEntry> Attempt(DatasetRow row, int index, bool isOne, Func<IReadOnlyList<JournalEntry>> work)
    {
        if (row.Sample is null)
        {
            return rows.Failed(row, index, Failing, row.Error!);
        }

        try
        {
            return ErrorContext.About($"question {row.Id}", work);
        }
        catch (Exception e) when (IsOfAQuestion(e, isOne))
        {
            return rows.Failed(row, index, Failing, MemoryExhausted.IsCauseOf(e) ? MemoryNote.Error(e, config) : ErrorLine.Of(e), e.ToString());
        }
    }

    private static bool IsOfAQuestion(Exception e, bool isOne) => e is not OperationCanceledException && (isOne || !MemoryExhausted.IsCauseOf(e));

    private PreparedQuestion Begin(DatasetRow row, int index, string? note, CancellationToken cancel)
    {
        var source = new PromptSource(
            pair.Processor, row.Sample!.Conversation(config.SystemPrompt), new PixelLimits(config.MinPixels, config.MaxPixels));
        var inputs = source.Prepare();
        var question = new PreparedQuestion(index, row, inputs, pair.Context(inputs, source, cancel)) { Note = note };
        try
        {
            Record(question);
            return question;
        }
        catch
        {
            question.Dispose();
            throw;
        }
    }

    private void Record(PreparedQuestion question)
    {
        var context = question.Context;
        shelf?.Give(question.Index, context);
        context.Record(phase.Needs(asked), keepTargets: shelf is not null);
        RecordingNeed[] left = [.. phase.LeftToTheOther(asked)];
        if (left.Length > 0)
        {
            shelf!.Keep(question.Index, context, left[0].Role, withStates: left.Any(n => n.Targets is null));
        }
    }

    // What is lost of each question: its error rows, none where its cells are prepared.
    private IReadOnlyList<(int Place, IReadOnlyList<JournalEntry> Lost)> Optimise(
        IReadOnlyList<(int Place, PreparedQuestion Question)> together, bool isOne, CancellationToken cancel)
    {
        if (together.Count > 1)
        {
            try
            {
                Prepare([.. together.Select(t => t.Question)], isOne);
                return [];
            }
            catch (Exception e) when (IsOfAQuestion(e, isOne))
            {
                // A question whose loops fail takes none of its neighbours with it.
                foreach (var (_, question) in together)
                {
                    question.Clear();
                }
            }
        }

        return [.. together.Select(t => (t.Place, Attempt(t.Question.Row, t.Question.Index, isOne, () =>
        {
            cancel.ThrowIfCancellationRequested();
            Prepare([t.Question], isOne);
            return [];
        })))];
    }

    // The preparations belong to the questions as soon as they are there.
    private void Prepare(IReadOnlyList<PreparedQuestion> together, bool isOne)
    {
        foreach (var method in cells.GroupBy(c => c.Method))
        {
            var most = method.Count() <= sizes.Variants ? together.Count : 1;
            Halving.Run<PreparedQuestion, PreparedCell>(together, most, (part, wasHalved) =>
            {
                if (part is [var question])
                {
                    Prepare(question, method, isOne, MemoryNote.Of(wasHalved, 1, "loop"));
                }
                else
                {
                    Variants(method.Key, part, [.. method], MemoryNote.Of(wasHalved, part.Count, "loop"));
                }

                return [];
            });
        }
    }

    private void Prepare(PreparedQuestion question, IGrouping<IReplayMethod, Cell> method, bool isOne, string? note) => Halving.Run<Cell, PreparedCell>(
        [.. method],
        sizes.Variants,
        (own, wasHalved) =>
        {
            Variants(method.Key, [question], own, MemoryNote.Joined(note, MemoryNote.Of(wasHalved, own.Count, "variant")));
            return [];
        },
        (cell, e) =>
        {
            question.Failed.Add((cell, MemoryNote.Error(e, config)));
            return [];
        },
        halves: isOne);

    private void Variants(IReplayMethod method, IReadOnlyList<PreparedQuestion> questions, IReadOnlyList<Cell> own, string? note)
    {
        var repetitions = config.Generation.Samples;
        var prepared = PreparedVariants.Of(method, [.. questions.Select(q => q.Context)], [.. own.Select(c => c.Settings)]);
        foreach (var (question, all) in questions.Zip(prepared))
        {
            question.Cells.AddRange(own.Zip(all.Preparations).Select(p => new PreparedCell(
                p.First,
                p.Second,
                new SampleTimes
                {
                    Vision = all.Vision / repetitions,
                    Recording = all.Recording / repetitions,
                    Loop = (p.Second.Trace?.Seconds ?? 0) / repetitions,
                },
                note)));
        }
    }

    // On a CPU in fp32 a row has the same bits in any batch; elsewhere what is answered together must not follow from the number of workers.
    private bool IsEqualInParts(ModelRole role)
    {
        var model = pair.Model(role);
        return model.Device.type == TorchSharp.DeviceType.CPU && model.Type == TorchSharp.torch.ScalarType.Float32;
    }

    private List<JournalEntry> Answer(PreparedQuestion[] questions, bool isOne, CancellationToken cancel)
    {
        var batches = (phase.Role is { } one ? [one] : Enum.GetValues<ModelRole>())
            .Select(role => GenerationBatch.Of(role, questions, config.Generation))
            .SelectMany(batch => IsEqualInParts(batch.Role) ? batch.Parts() : [batch])
            .ToArray();
        var entries = new IReadOnlyList<JournalEntry>[batches.Length];
        try
        {
            // The largest first, one at a time, so that no worker is left with much when the others are done.
            var order = Partitioner.Create(batches.Index().OrderByDescending(b => b.Item.Asked.Count), EnumerablePartitionerOptions.NoBuffering);
            Parallel.ForEach(order, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancel }, batch =>
                entries[batch.Index] = Generate(batch.Item, isOne, cancel));
            return [.. entries.SelectMany(e => e), .. questions.SelectMany(Broken)];
        }
        catch (AggregateException e) when (questions.Length > 1 && !cancel.IsCancellationRequested && e.InnerExceptions.All(inner => IsOfAQuestion(inner, isOne)))
        {
            // A question that cannot be answered takes none of its neighbours with it.
            return [.. questions.SelectMany(q => Attempt(q.Row, q.Index, isOne, () => Answer([q], isOne, cancel)))];
        }
        catch (AggregateException e)
        {
            cancel.ThrowIfCancellationRequested();
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            throw;
        }
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
