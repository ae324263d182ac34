using System.Diagnostics;
using System.Runtime.ExceptionServices;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Errors;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using ActivationReplay.Verification;

namespace ActivationReplay.Ablations.Execution;

/// <summary>
/// Runs every cell on a batch of questions. A question's encodings and recordings are shared by its cells; variants of a method
/// are one batch in its loop, and all that one model answers, of all the questions, is one batch of generation.
/// </summary>
/// <param name="pair">The pair.</param>
/// <param name="config">The run.</param>
/// <param name="keys">Of its journal.</param>
/// <param name="phase">Which models are there, and so which cells are answered.</param>
/// <param name="shelf">Where recordings wait for the other model; null with both models.</param>
internal sealed class SampleRunner(ReplayPair pair, RunConfig config, JournalKeys keys, PairPhase phase, RecordingShelf? shelf) : IBatchRunner
{
    private readonly AnswerEntries rows = new(config, keys);
    private readonly int workers = CpuThreads.Workers(pair.Device);
    private readonly IReadOnlyList<Cell> cells = [.. config.Cells.Where(c => phase.IsAnswered(c.Method))];
    private readonly IReadOnlyList<(IReplayMethod Method, MethodSettings Settings)> asked = [.. config.Cells.Select(c => (c.Method, c.Settings))];

    // The cells of a question that fails: with one model at a time what RLVR answered is in the journal when base answers.
    private IReadOnlyList<Cell> Failing => phase == PairPhase.BaseAnswers ? cells : config.Cells;

    /// <inheritdoc/>
    public IReadOnlyList<JournalEntry> Run(IReadOnlyList<(int Index, DatasetRow Row)> batch, CancellationToken cancel)
    {
        var prepared = new PreparedQuestion?[batch.Count];
        var failed = new IReadOnlyList<JournalEntry>[batch.Count];
        try
        {
            // Each question is computed by itself: how many at a time changes nothing.
            Parallel.For(0, batch.Count, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancel }, i =>
                failed[i] = Attempt(batch[i].Row, batch[i].Index, () =>
                {
                    prepared[i] = Prepare(batch[i].Row, batch[i].Index, cancel);
                    return [];
                }));
            return [.. failed.SelectMany(f => f), .. Answer([.. prepared.OfType<PreparedQuestion>()], cancel)];
        }
        finally
        {
            foreach (var question in prepared)
            {
                question?.Dispose();
            }
        }
    }

    // One bad question is its error rows, not a dead run.
    private IReadOnlyList<JournalEntry> Attempt(DatasetRow row, int index, Func<IReadOnlyList<JournalEntry>> work)
    {
        if (row.Sample is null)
        {
            return rows.Failed(row, index, Failing, row.Error!);
        }

        try
        {
            return ErrorContext.About($"question {row.Id}", work);
        }
        catch (Exception e) when (AnswerEntries.IsOfAQuestion(e))
        {
            return rows.Failed(row, index, Failing, ErrorLine.Of(e), e.ToString());
        }
    }

    private PreparedQuestion Prepare(DatasetRow row, int index, CancellationToken cancel)
    {
        var source = new PromptSource(
            pair.Processor, row.Sample!.Conversation(config.SystemPrompt), new PixelLimits(config.MinPixels, config.MaxPixels));
        var inputs = source.Prepare();
        var question = new PreparedQuestion(index, row, inputs, pair.Context(inputs, source, cancel));
        try
        {
            Prepare(question);
            return question;
        }
        catch
        {
            question.Dispose();
            throw;
        }
    }

    private void Prepare(PreparedQuestion question)
    {
        var context = question.Context;
        shelf?.Give(question.Index, context);
        context.Record(phase.Needs(asked), keepTargets: shelf is not null);
        RecordingNeed[] left = [.. phase.LeftToTheOther(asked)];
        if (left.Length > 0)
        {
            shelf!.Keep(question.Index, context, left[0].Role, withStates: left.Any(n => n.Targets is null));
        }

        foreach (var method in cells.GroupBy(c => c.Method))
        {
            Cell[] own = [.. method];
            var all = PreparedVariants.Of(method.Key, context, [.. own.Select(c => c.Settings)]);
            var repetitions = config.Generation.Samples;
            question.Cells.AddRange(own.Zip(all.Preparations).Select(p => new PreparedCell(p.First, p.Second, new SampleTimes
            {
                Vision = all.Vision / repetitions,
                Recording = all.Recording / repetitions,
                Loop = (p.Second.Trace?.Seconds ?? 0) / repetitions,
            })));
        }
    }

    private List<JournalEntry> Answer(IReadOnlyList<PreparedQuestion> questions, CancellationToken cancel)
    {
        var batches = (phase.Role is { } one ? [one] : Enum.GetValues<ModelRole>()).Select(role => GenerationBatch.Of(role, questions, config.Generation)).ToArray();
        var entries = new IReadOnlyList<JournalEntry>[batches.Length];
        try
        {
            Parallel.For(0, batches.Length, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancel }, i =>
                entries[i] = Generate(batches[i], cancel));
            return [.. entries.SelectMany(e => e), .. questions.SelectMany(Broken)];
        }
        catch (AggregateException e) when (questions.Count > 1 && !cancel.IsCancellationRequested && e.InnerExceptions.All(AnswerEntries.IsOfAQuestion))
        {
            // A question that cannot be answered takes none of its neighbours with it.
            return [.. questions.SelectMany(q => Attempt(q.Row, q.Index, () => Answer([q], cancel)))];
        }
        catch (AggregateException e)
        {
            cancel.ThrowIfCancellationRequested();
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            throw;
        }
    }

    private IReadOnlyList<JournalEntry> Generate(GenerationBatch batch, CancellationToken cancel)
    {
        var generator = pair.Generator(batch.Role);
        var sequences = generator.Generate(batch.Requests, cancel);
        var answers = Math.Max(1, batch.Requests.Count) * config.Generation.Samples;
        var memory = Process.GetCurrentProcess().PeakWorkingSet64;
        return
        [
            .. batch.Asked.Zip(sequences).SelectMany(p => p.Second.Select((answer, repetition) =>
                Entry(p.First.Question, p.First.Cell, answer, repetition, p.First.Cell.Times with
                {
                    Prefill = generator.Seconds.Prefill / answers,
                    Decode = generator.Seconds.Decode / answers,
                    MemoryPeak = memory,
                }))),
        ];
    }

    private IEnumerable<JournalEntry> Broken(PreparedQuestion question) =>
        question.Cells.Where(c => c.BrokenStep is not null).SelectMany(c => rows.Failed(
            question.Row, question.Index, [c.Cell], $"diverged: the loss is not finite at step {c.BrokenStep}; lower the learning rate"));

    private JournalEntry Entry(
        PreparedQuestion question, PreparedCell prepared, GeneratedSequence answer, int repetition, SampleTimes times)
    {
        var (row, context) = (question.Row, question.Context);
        var sample = row.Sample!;
        var output = pair.Processor.Tokenizer.Decode(answer.Ids);
        var verdict = AnswerVerifier.Verify(sample.Reference, output);
        var trace = prepared.Preparation.Trace;
        var result = rows.Blank(row, prepared.Cell) with
        {
            Repetition = repetition,
            Output = output,
            Extracted = verdict.Text,
            Rule = verdict.Rule.Name(),
            Correct = verdict.IsCorrect,
            Finished = answer.Finished,
            PromptTokens = context.Inputs.Length,
            VisualTokens = context.Inputs.VisualPositions.Count,
            NewTokens = answer.Ids.Count,
            LossFirst = trace?.Losses.Count > 0 ? trace.Losses[0] : null,
            LossLast = trace?.Losses.Count > 0 ? trace.Losses[^1] : null,
            Status = trace?.Status.ToString(),
            Times = times,
        };
        return new JournalEntry(
            keys.Of(row, prepared.Cell, repetition),
            question.Index,
            result,
            repetition == 0 ? trace?.Losses ?? [] : [],
            repetition == 0 ? EntropyMap.Of(prepared.Cell, prepared.Preparation, context.Inputs) : null);
    }
}
