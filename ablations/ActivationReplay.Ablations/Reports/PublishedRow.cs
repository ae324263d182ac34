using ActivationReplay.Ablations.Configuration;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.Reports;

/// <summary>A published accuracy beside one's own: a line of published.csv. Accuracies are parts of 1.</summary>
public sealed record PublishedRow
{
    [Name("benchmark")] public required string Benchmark { get; init; }

    [Name("cell")] public required string Cell { get; init; }

    [Name("questions")] public int Questions { get; init; }

    [Name("accuracy")] public double Accuracy { get; init; }

    [Name("accuracy_low")] public double AccuracyLow { get; init; }

    [Name("accuracy_high")] public double AccuracyHigh { get; init; }

    [Name("published")] public double Published { get; init; }

    /// <summary>One's own less the published one.</summary>
    [Name("difference")] public double Difference { get; init; }

    /// <summary>Whether the published accuracy lies in one's own 95% interval.</summary>
    [Name("within_interval")] public bool IsWithin { get; init; }

    [Name("source")] public string? Source { get; init; }

    [Name("note")] public string? Note { get; init; }

    /// <summary>A line for each cell that has a published number on the benchmark that was named; none without one.</summary>
    public static IReadOnlyList<PublishedRow> All(RunConfig config, IReadOnlyList<CellRow> cells)
    {
        if (config.Published?.Chosen() is not { } numbers)
        {
            return [];
        }

        return
        [
            .. cells.Select(c => (Row: c, Published: config.Published.Of(c.Settings.Method, c.Settings.Tool)))
                .Where(c => c.Published is not null && c.Row.Questions > 0)
                .Select(c => new PublishedRow
                {
                    Benchmark = numbers.Benchmark,
                    Cell = c.Row.Cell,
                    Questions = c.Row.Questions,
                    Accuracy = c.Row.Accuracy,
                    AccuracyLow = c.Row.AccuracyLow,
                    AccuracyHigh = c.Row.AccuracyHigh,
                    Published = c.Published!.Value,
                    Difference = c.Row.Accuracy - c.Published.Value,
                    IsWithin = c.Published >= c.Row.AccuracyLow && c.Published <= c.Row.AccuracyHigh,
                    Source = config.Published.Source,
                    Note = config.Published.Note,
                }),
        ];
    }
}
