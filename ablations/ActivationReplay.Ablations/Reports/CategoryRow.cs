using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Statistics;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.Reports;

/// <summary>
/// A cell on the questions of one category, or of one order of the options where a data set asks each question in several
/// (HR-Bench's <c>cycle_category</c>): a line of categories.csv. Intervals are 95%, bootstrapped over questions.
/// </summary>
public sealed record CategoryRow
{
    [Name("cell")] public required string Cell { get; init; }

    /// <summary>The column of the data set: category or cycle_category.</summary>
    [Name("by")] public required string By { get; init; }

    [Name("category")] public required string Category { get; init; }

    [Name("questions")] public int Questions { get; init; }

    [Name("accuracy")] public double Accuracy { get; init; }

    [Name("accuracy_low")] public double AccuracyLow { get; init; }

    [Name("accuracy_high")] public double AccuracyHigh { get; init; }

    /// <summary>The comparison with plain RLVR generation on the same questions; no correction over categories.</summary>
    [HeaderPrefix("rlvr_")] public CellComparison? ToRlvr { get; init; }

    /// <summary>
    /// The lines of conversations' cells, and of questions whose types grade answers, which a mean over all types hides; none where all
    /// questions are of one category.
    /// </summary>
    public static IReadOnlyList<CategoryRow> All(RunConfig config, ILookup<string, SampleRow> rows) =>
        config.Agent is null && !rows.Any(cell => cell.Any(r => r.Score is not null)) ? [] : [.. Of(config, rows, "category", r => r.Family), .. Of(config, rows, "cycle_category", r => r.Cycle)];

    private static IEnumerable<CategoryRow> Of(RunConfig config, ILookup<string, SampleRow> rows, string by, Func<SampleRow, string?> group)
    {
        string[] names = [.. config.Cells.SelectMany(c => rows[c.Id]).Select(group).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        return names.Length < 2 ? [] : names.SelectMany(name => config.Cells.Select(cell =>
        {
            var scores = Scores(cell);
            var estimate = Bootstrap.Mean([.. scores.Ids.Select(scores.Accuracy)]);
            return new CategoryRow
            {
                Cell = cell.Id,
                By = by,
                Category = name,
                Questions = scores.Ids.Count,
                Accuracy = estimate.Mean,
                AccuracyLow = estimate.Low,
                AccuracyHigh = estimate.High,
                ToRlvr = References.Of(config, cell, "none") is { } other ? CellComparison.Of(scores, Scores(other)) : null,
            };

            QuestionScores Scores(Cell of) => new(rows[of.Id].Where(r => group(r) == name));
        })).Where(r => r.Questions > 0);
    }
}
