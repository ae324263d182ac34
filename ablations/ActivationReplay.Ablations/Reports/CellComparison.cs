using ActivationReplay.Evaluation.Statistics;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.Reports;

/// <summary>A cell against a reference cell, paired by question: columns of cells.csv, empty in the reference's own row.</summary>
public sealed record CellComparison
{
    /// <summary>The cell's accuracy less the reference's.</summary>
    [Name("difference")] public double? Difference { get; init; }

    /// <summary>Lower end of its 95% interval.</summary>
    [Name("low")] public double? Low { get; init; }

    /// <summary>Upper end of its 95% interval.</summary>
    [Name("high")] public double? High { get; init; }

    /// <summary>Questions on which the cell is better.</summary>
    [Name("better")] public int? Better { get; init; }

    /// <summary>Questions on which the reference is better.</summary>
    [Name("worse")] public int? Worse { get; init; }

    /// <summary>
    /// Two-sided p: <see cref="McNemar"/> with one answer a question that is right or wrong, <see cref="SignFlipTest"/> with several, and
    /// with scores between.
    /// </summary>
    [Name("p")] public double? P { get; init; }

    /// <summary>p after <see cref="Holm"/>'s correction over all cells that are compared with this reference.</summary>
    [Name("p_holm")] public double? Corrected { get; init; }

    /// <summary>Compares accuracies by question, over the questions that both answered.</summary>
    /// <returns>Null without such a question.</returns>
    public static CellComparison? Of(QuestionScores cell, QuestionScores reference)
    {
        double[] differences = [.. cell.Ids.Where(reference.Has).Select(id => cell.Accuracy(id) - reference.Accuracy(id))];
        if (differences.Length == 0)
        {
            return null;
        }

        var estimate = Bootstrap.Mean(differences);
        var (better, worse) = (differences.Count(d => d > 0), differences.Count(d => d < 0));
        return new CellComparison
        {
            Difference = estimate.Mean,
            Low = estimate.Low,
            High = estimate.High,
            Better = better,
            Worse = worse,
            P = cell.Answers == 1 && reference.Answers == 1 && !cell.IsGraded && !reference.IsGraded ? McNemar.PValue(better, worse) : SignFlipTest.PValue(differences),
        };
    }

    /// <summary>The comparisons with their corrected p; nulls stay.</summary>
    public static IReadOnlyList<CellComparison?> Correct(IReadOnlyList<CellComparison?> comparisons)
    {
        var corrected = Holm.Correct([.. comparisons.Select(c => c?.P ?? double.NaN)]);
        return [.. comparisons.Zip(corrected, (c, p) => c is null ? null : c with { Corrected = p })];
    }
}
