using System.Runtime.ExceptionServices;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Errors;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Datasets;
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
    private readonly SampleLoops loops = new(config, phase, sizes);
    private readonly SampleAnswers answers = new(pair, config, keys, phase, sizes, answerer);
    private readonly int workers = CpuThreads.Workers(pair);
    private readonly IReadOnlyList<Cell> cells = config.AnsweredIn(phase);
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
            pair.Processor, row.Sample!.Conversation(config.SystemPrompt), new PixelLimits(config.MinPixels, config.MaxPixels))
        {
            QuestionId = row.Id,
        };
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
                loops.Prepare([.. together.Select(t => t.Question)], isOne);
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
            loops.Prepare([t.Question], isOne);
            return [];
        })))];
    }

    private IReadOnlyList<JournalEntry> Answer(PreparedQuestion[] questions, bool isOne, CancellationToken cancel)
    {
        try
        {
            return answers.Of(questions, isOne, cancel);
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
}
