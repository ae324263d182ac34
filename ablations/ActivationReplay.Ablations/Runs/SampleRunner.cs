using System.Diagnostics;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Evaluation.Verification;
using ActivationReplay.Generation;
using ActivationReplay.Models;
using ActivationReplay.Replay;

namespace ActivationReplay.Ablations.Runs;

/// <summary>
/// Runs every cell on one question. The models' encodings and recordings are shared by the cells; variants of a method are
/// one batch in its loop, and all that one model answers is one batch of generation.
/// </summary>
internal sealed class SampleRunner(LoadedPair pair, RunConfig config, JournalKeys keys)
{
    /// <summary>An entry a cell and repetition. What goes wrong with a sample becomes error rows.</summary>
    /// <param name="row">The question.</param>
    /// <param name="place">Its place in the data set, from 0.</param>
    public IReadOnlyList<JournalEntry> Run(DatasetRow row, int place) => [.. Entries(row).Select(e => e with { Place = place })];

    private List<JournalEntry> Entries(DatasetRow row)
    {
        if (row.Sample is not { } sample)
        {
            return Failed(row, config.Cells, row.Error!);
        }

        try
        {
            var source = new PromptSource(
                pair.Processor, sample.Conversation(config.SystemPrompt), new PixelLimits(config.MinPixels, config.MaxPixels));
            using var inputs = source.Prepare();
            using var context = pair.Context(inputs, source);
            return Answer(row, sample, context);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // One bad sample is an error row, not a dead run.
            return Failed(row, config.Cells, $"{e.GetType().Name}: {e.Message}");
        }
    }

    private List<JournalEntry> Answer(DatasetRow row, Sample sample, ReplayContext context)
    {
        var prepared = Prepare(context);
        try
        {
            var entries = new List<JournalEntry>();
            foreach (var group in prepared.Where(p => Broken(p.Preparation) is null).GroupBy(p => p.Preparation.Answerer))
            {
                entries.AddRange(Generate(row, sample, context, group.Key, [.. group]));
            }

            foreach (var (cell, preparation, _) in prepared)
            {
                if (Broken(preparation) is { } step)
                {
                    entries.AddRange(Failed(row, [cell], $"diverged: the loss is not finite at step {step}; lower the learning rate"));
                }
            }

            return entries;
        }
        finally
        {
            foreach (var (_, preparation, _) in prepared)
            {
                preparation.Dispose();
            }
        }
    }

    // The first step at which the loss is not a number to go by, or null.
    private static int? Broken(Preparation preparation)
    {
        var losses = preparation.Trace?.Losses ?? [];
        var step = losses.Index().FirstOrDefault(l => !double.IsFinite(l.Item), (-1, 0)).Index;
        return step < 0 ? null : step;
    }

    private List<(Cell Cell, Preparation Preparation, SampleTimes Times)> Prepare(ReplayContext context)
    {
        var prepared = new List<(Cell, Preparation, SampleTimes)>();
        foreach (var method in config.Cells.GroupBy(c => c.Method))
        {
            Cell[] cells = [.. method];
            context.Times.Begin();
            var shared = context.Times.Total;
            var watch = Stopwatch.StartNew();
            var all = ReplayMethods.Get(method.Key).PrepareAll(context, [.. cells.Select(c => c.Settings)]);
            var loops = all.Sum(p => p.Trace?.Seconds ?? 0);
            var targets = (watch.Elapsed.TotalSeconds - loops - (context.Times.Total - shared)) / cells.Length;
            prepared.AddRange(cells.Zip(all).Select(p => (p.First, p.Second, new SampleTimes
            {
                Vision = context.Times.Vision,
                Recording = context.Times.Recordings + targets,
                Loop = p.Second.Trace?.Seconds ?? 0,
            })));
        }

        return prepared;
    }

    private List<JournalEntry> Generate(
        DatasetRow row,
        Sample sample,
        ReplayContext context,
        ModelRole role,
        IReadOnlyList<(Cell Cell, Preparation Preparation, SampleTimes Times)> prepared)
    {
        var prompt = context.Encoded(role);
        var generator = new TextGenerator(prompt.Model, pair.StopIds(role));
        var answers = generator.Generate(
            [.. prepared.Select(p => new GenerationRequest(prompt, p.Preparation.Intervention, config.Generation))]);
        var share = prepared.Count * config.Generation.Samples;
        var memory = Process.GetCurrentProcess().PeakWorkingSet64;
        return
        [
            .. prepared.Zip(answers).SelectMany(p => p.Second.Select((answer, repetition) =>
                Entry(row, sample, context, p.First, answer, repetition, p.First.Times with
                {
                    Prefill = generator.Seconds.Prefill / share,
                    Decode = generator.Seconds.Decode / share,
                    MemoryPeak = memory,
                }))),
        ];
    }

    private JournalEntry Entry(
        DatasetRow row,
        Sample sample,
        ReplayContext context,
        (Cell Cell, Preparation Preparation, SampleTimes Times) prepared,
        GeneratedSequence answer,
        int repetition,
        SampleTimes times)
    {
        var output = pair.Processor.Tokenizer.Decode(answer.Ids);
        var verdict = BoxedAnswer.Verify(output, sample.Answer);
        var trace = prepared.Preparation.Trace;
        var result = Blank(row, prepared.Cell) with
        {
            Repetition = repetition,
            Output = output,
            Extracted = verdict.Text,
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
            Place: 0,
            result,
            repetition == 0 ? trace?.Losses ?? [] : [],
            repetition == 0 ? EntropyMap.Of(prepared.Cell, prepared.Preparation, context.Inputs) : null);
    }

    private List<JournalEntry> Failed(DatasetRow row, IReadOnlyList<Cell> cells, string error) =>
    [
        .. cells.Select(cell => new JournalEntry(keys.Of(row, cell, 0), Place: 0, Blank(row, cell) with { Error = error }, [])),
    ];

    private SampleRow Blank(DatasetRow row, Cell cell) => new()
    {
        Cell = cell.Id,
        Sample = row.Id,
        Family = row.Sample?.Family,
        Seed = config.Generation.Seed,
        Question = row.Sample?.Question,
        Reference = row.Sample?.Answer,
        Settings = SettingColumns.Of(config, cell),
    };
}
