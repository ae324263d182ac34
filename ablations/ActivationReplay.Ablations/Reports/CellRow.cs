using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Statistics;
using ActivationReplay.Replay.Objective;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.Reports;

/// <summary>A cell over all its questions: a line of cells.csv. Intervals are 95%, bootstrapped over questions.</summary>
public sealed record CellRow : ISettingRow<CellRow>
{
    [Name("cell")] public required string Cell { get; init; }

    [Name("questions")] public int Questions { get; init; }

    [Name("answers")] public int Answers { get; init; }

    [Name("errors")] public int Errors { get; init; }

    [Name("unparsed")] public int Unparsed { get; init; }

    [Name("diverged")] public int Diverged { get; init; }

    [Name("accuracy")] public double Accuracy { get; init; }

    [Name("accuracy_low")] public double AccuracyLow { get; init; }

    [Name("accuracy_high")] public double AccuracyHigh { get; init; }

    /// <summary>The fraction of questions that are solved at least once.</summary>
    [Name("coverage")] public double Coverage { get; init; }

    /// <summary>The comparison with plain RLVR generation (<c>none</c>), with the same tool.</summary>
    [HeaderPrefix("rlvr_")] public CellComparison? ToRlvr { get; init; }

    /// <summary>The comparison with the base model, with the same tool.</summary>
    [HeaderPrefix("base_")] public CellComparison? ToBase { get; init; }

    [Name("prompt_tokens_mean")] public double? PromptTokens { get; init; }

    [Name("visual_tokens_mean")] public double? VisualTokens { get; init; }

    [Name("new_tokens_mean")] public double? NewTokens { get; init; }

    /// <summary>The mean times of an answer.</summary>
    public required SampleTimes Times { get; init; }

    [Name("loss_first_mean")] public double? LossFirst { get; init; }

    [Name("loss_last_mean")] public double? LossLast { get; init; }

    /// <summary>The number of questions whose loop ended above its first loss, or at a loss that is infinite or NaN.</summary>
    [Name("loss_rose")] public int LossRose { get; init; }

    [Name("seed")] public ulong Seed { get; init; }

    // CsvTable writes and reads their columns itself.
    [Ignore] public required SettingColumns Settings { get; init; }

    CellRow ISettingRow<CellRow>.With(SettingColumns settings) => this with { Settings = settings };

    /// <summary>Summarises every cell, compared with <c>none</c> and <c>base</c> where the matrix has them.</summary>
    /// <param name="config">The run.</param>
    /// <param name="rows">Its answers by cell.</param>
    public static IReadOnlyList<CellRow> All(RunConfig config, ILookup<string, SampleRow> rows)
    {
        var scores = config.Cells.ToDictionary(c => c.Id, c => new QuestionScores(rows[c.Id]));
        var (toRlvr, toBase) = (Compare("none"), Compare("base"));
        return
        [
            .. config.Cells.Select((cell, i) => Summarise(config, cell, [.. rows[cell.Id]], scores[cell.Id]) with
            {
                ToRlvr = toRlvr[i],
                ToBase = toBase[i],
            }),
        ];

        IReadOnlyList<CellComparison?> Compare(string reference) => CellComparison.Correct(
        [
            .. config.Cells.Select(c => References.Of(config, c, reference) is { } other
                ? CellComparison.Of(scores[c.Id], scores[other.Id])
                : null),
        ]);
    }

    private static CellRow Summarise(RunConfig config, Cell cell, IReadOnlyList<SampleRow> rows, QuestionScores scores)
    {
        var good = rows.Where(r => r.Error is null).ToList();
        var estimate = Bootstrap.Mean([.. scores.Ids.Select(scores.Accuracy)]);
        return new CellRow
        {
            Cell = cell.Id,
            Questions = scores.Ids.Count,
            Answers = good.Count,
            Errors = rows.Count - good.Count,
            Unparsed = good.Count(r => r.Extracted is null),
            Diverged = good.Count(r => r.Status == nameof(OptimisationStatus.Diverged)),
            Accuracy = estimate.Mean,
            AccuracyLow = estimate.Low,
            AccuracyHigh = estimate.High,
            Coverage = scores.Ids.Select(scores.Solved).DefaultIfEmpty(double.NaN).Average(),
            PromptTokens = good.Average(r => r.PromptTokens),
            VisualTokens = good.Average(r => r.VisualTokens),
            NewTokens = good.Average(r => r.NewTokens),
            Times = SampleTimes.Mean([.. good.Select(r => r.Times).OfType<SampleTimes>()]),
            LossFirst = good.Average(r => r.LossFirst),
            LossLast = good.Average(r => r.LossLast),
            LossRose = good.Where(r => r.LossFirst is { } first && !(r.LossLast <= first)).DistinctBy(r => r.Sample).Count(),
            Seed = config.Generation.Seed,
            Settings = SettingColumns.Of(config, cell),
        };
    }
}
