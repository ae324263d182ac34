using ActivationReplay.Evaluation.Statistics;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.Runs;

/// <summary>A cell over all its questions: a line of cells.csv. Intervals are 95%, bootstrapped over questions.</summary>
public sealed record CellRow
{
    [Name("cell")] public required string Cell { get; init; }

    [Name("questions")] public int Questions { get; init; }

    [Name("errors")] public int Errors { get; init; }

    [Name("accuracy")] public double Accuracy { get; init; }

    [Name("accuracy_low")] public double AccuracyLow { get; init; }

    [Name("accuracy_high")] public double AccuracyHigh { get; init; }

    [Name("difference_to_rlvr")] public double? Difference { get; init; }

    [Name("difference_low")] public double? DifferenceLow { get; init; }

    [Name("difference_high")] public double? DifferenceHigh { get; init; }

    [Name("without_answer")] public int WithoutAnswer { get; init; }

    [Name("diverged")] public int Diverged { get; init; }

    [Name("new_tokens_mean")] public double NewTokens { get; init; }

    [Name("seconds_prepare_mean")] public double SecondsPrepare { get; init; }

    [Name("seconds_generate_mean")] public double SecondsGenerate { get; init; }

    [Name("loss_first_mean")] public double? LossFirst { get; init; }

    [Name("loss_last_mean")] public double? LossLast { get; init; }

    [Name("seed")] public ulong Seed { get; init; }

    public required SettingColumns Settings { get; init; }

    /// <summary>Summarises the rows of one cell against those of plain RLVR generation, paired by question.</summary>
    public static CellRow Summarise(string cell, IReadOnlyList<SampleRow> rows, IReadOnlyList<SampleRow> rlvr, SettingColumns settings, ulong seed)
    {
        var good = rows.Where(r => r.Error is null).ToList();
        var accuracy = ByQuestion(good);
        var reference = ByQuestion(rlvr.Where(r => r.Error is null));
        var estimate = Bootstrap.Mean([.. accuracy.Values]);
        var paired = Bootstrap.Mean([.. accuracy.Where(a => reference.ContainsKey(a.Key)).Select(a => a.Value - reference[a.Key])]);
        var compared = cell != "none" && reference.Count > 0;
        return new CellRow
        {
            Cell = cell,
            Questions = accuracy.Count,
            Errors = rows.Count - good.Count,
            Accuracy = estimate.Mean,
            AccuracyLow = estimate.Low,
            AccuracyHigh = estimate.High,
            Difference = compared ? paired.Mean : null,
            DifferenceLow = compared ? paired.Low : null,
            DifferenceHigh = compared ? paired.High : null,
            WithoutAnswer = good.Count(r => r.Extracted is null),
            Diverged = good.Count(r => r.Status == nameof(Replay.OptimisationStatus.Diverged)),
            NewTokens = good.Select(r => (double)r.NewTokens!.Value).DefaultIfEmpty(double.NaN).Average(),
            SecondsPrepare = good.Select(r => r.SecondsPrepare!.Value).DefaultIfEmpty(double.NaN).Average(),
            SecondsGenerate = good.Select(r => r.SecondsGenerate!.Value).DefaultIfEmpty(double.NaN).Average(),
            LossFirst = good.Average(r => r.LossFirst),
            LossLast = good.Average(r => r.LossLast),
            Seed = seed,
            Settings = settings,
        };
    }

    private static SortedDictionary<string, double> ByQuestion(IEnumerable<SampleRow> rows) =>
        new(rows.GroupBy(r => r.Sample).ToDictionary(g => g.Key, g => g.Average(r => r.Correct == true ? 1.0 : 0.0)), StringComparer.Ordinal);
}
