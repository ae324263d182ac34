using System.Diagnostics;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Evaluation.Verification;
using ActivationReplay.Generation;
using ActivationReplay.Replay;

namespace ActivationReplay.Ablations.Runs;

/// <summary>Runs every cell of a plan on one question; the models' encodings and recordings are shared by the cells.</summary>
internal sealed class SampleRunner(LoadedPair pair, RunPlan plan)
{
    /// <summary>A row a cell and repetition. What goes wrong with a sample becomes error rows.</summary>
    public IReadOnlyList<SampleRow> Run(DatasetRow row)
    {
        if (row.Sample is not { } sample)
        {
            return Failed(row, row.Error!);
        }

        try
        {
            var source = new PromptSource(pair.Processor, sample.Conversation(plan.SystemPrompt));
            using var inputs = source.Prepare();
            using var context = pair.Context(inputs, source);
            return [.. plan.Methods.SelectMany(method => RunCell(method, sample, context))];
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // One bad sample is an error row, not a dead run.
            return Failed(row, $"{e.GetType().Name}: {e.Message}");
        }
    }

    private List<SampleRow> RunCell(string method, Sample sample, ReplayContext context)
    {
        var watch = Stopwatch.StartNew();
        using var prepared = ReplayMethods.Get(method).Prepare(context, plan.Replay);
        var prompt = context.Encoded(prepared.Answerer);
        var seconds = watch.Elapsed.TotalSeconds;
        watch.Restart();
        var answers = new TextGenerator(prompt.Model, pair.StopIds(prepared.Answerer))
            .Generate(new GenerationRequest(prompt, prepared.Intervention, plan.Generation));
        var settings = SettingColumns.Of(plan, method);
        var losses = prepared.Trace?.Losses;
        return
        [
            .. answers.Select((answer, repetition) =>
            {
                var output = pair.Processor.Tokenizer.Decode(answer.Ids);
                var verdict = BoxedAnswer.Verify(output, sample.Answer);
                return new SampleRow
                {
                    Cell = method,
                    Sample = sample.Id,
                    Family = sample.Family,
                    Repetition = repetition,
                    Seed = plan.Generation.Seed,
                    Question = sample.Question,
                    Reference = sample.Answer,
                    Output = output,
                    Extracted = verdict.Text,
                    Correct = verdict.IsCorrect,
                    Finished = answer.Finished,
                    PromptTokens = context.Inputs.Length,
                    VisualTokens = context.Inputs.VisualPositions.Count,
                    NewTokens = answer.Ids.Count,
                    SecondsPrepare = seconds,
                    SecondsGenerate = watch.Elapsed.TotalSeconds / answers.Count,
                    LossFirst = losses?.Count > 0 ? losses[0] : null,
                    LossLast = losses?.Count > 0 ? losses[^1] : null,
                    Status = prepared.Trace?.Status.ToString(),
                    Settings = settings,
                };
            }),
        ];
    }

    private List<SampleRow> Failed(DatasetRow row, string error) =>
    [
        .. plan.Methods.Select(method => new SampleRow
        {
            Cell = method,
            Sample = row.Id,
            Family = row.Sample?.Family,
            Seed = plan.Generation.Seed,
            Question = row.Sample?.Question,
            Reference = row.Sample?.Answer,
            Error = error,
            Settings = SettingColumns.Of(plan, method),
        }),
    ];
}
