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

    /// <summary>Questions that both answered.</summary>
    [Name("questions")] public int? Questions { get; init; }

    /// <summary>
    /// The mean square of the differences by question; of single answers that are right or wrong, the share of questions on which the two differ.
    /// </summary>
    [Name("mean_square")] public double? MeanSquare { get; init; }

    /// <summary>
    /// The variance of the differences of a question's answers, drawn alike, mean over questions: what more answers a question lessen. Empty with one.
    /// </summary>
    [Name("within")] public double? Within { get; init; }

    /// <summary>
    /// The smallest difference that so many questions show with 80% power at the first step of <see cref="Holm"/>'s correction
    /// (<see cref="PairedPower"/>); empty where they show none.
    /// </summary>
    [Name("detectable")] public double? Detectable { get; init; }

    /// <summary>Half the width of the difference's interval.</summary>
    [Ignore] public double? HalfWidth => (High - Low) / 2;

    /// <summary>Compares accuracies by question, over the answers that both have.</summary>
    /// <returns>Null without such an answer.</returns>
    public static CellComparison? Of(QuestionScores cell, QuestionScores reference)
    {
        (cell, reference) = QuestionScores.Paired(cell, reference);
        double[] differences = [.. cell.Ids.Select(id => cell.Accuracy(id) - reference.Accuracy(id))];
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
            Questions = differences.Length,
            MeanSquare = differences.Average(d => d * d),
            Within = WithinOf(cell, reference),
            P = cell.IsBinary && reference.IsBinary ? McNemar.PValue(better, worse) : SignFlipTest.PValue(differences),
        };
    }

    /// <summary>The comparisons with their corrected p, and what they could have shown after the correction; nulls stay.</summary>
    public static IReadOnlyList<CellComparison?> Correct(IReadOnlyList<CellComparison?> comparisons)
    {
        var tests = comparisons.Count(c => c is not null);
        var corrected = Holm.Correct([.. comparisons.Select(c => c?.P ?? double.NaN)]);
        return [.. comparisons.Zip(corrected, (c, p) => c is null ? null : c with { Corrected = p, Detectable = c.Smallest(tests) })];
    }

    /// <summary>The smallest difference that the questions show with 80% power, as one of several tests; null where they show none.</summary>
    public double? Smallest(int tests) => Power(tests)?.SmallestDifference(Questions!.Value);

    /// <summary>What the comparison can show as one of several tests; null of a table of an earlier version, which does not say.</summary>
    public PairedPower? Power(int tests) => MeanSquare is { } square && Questions is { } questions
        ? new PairedPower(square, IsBinary(square, questions), PairedPower.UsualLevel / tests, Math.Max(1, Better + Worse ?? 0) / (double)questions)
        : null;

    /// <summary>
    /// The comparison with what an earlier version's table leaves out, recovered: of single answers that are right or wrong from the questions
    /// on which they differ, else from the interval, which is 1.96 standard errors wide on each side.
    /// </summary>
    /// <param name="questions">The cell's questions.</param>
    /// <param name="answers">The cell's answers.</param>
    public CellComparison Recovered(int questions, int answers)
    {
        if (MeanSquare is not null || Difference is not { } difference || questions == 0)
        {
            return this;
        }

        const double Deviations = 1.959964;
        const double Rounding = 1e-6;
        var isBinary = answers == questions && Math.Abs((difference * questions) - (Better - Worse ?? 0)) < Rounding;
        return this with
        {
            Questions = questions,
            MeanSquare = isBinary
                ? (double)(Better + Worse ?? 0) / questions
                : (questions * Math.Pow((HalfWidth ?? 0) / Deviations, 2)) + (difference * difference),
        };
    }

    // Whether all differences are of a whole question.
    private bool IsBinary(double square, int questions) => Math.Abs((square * questions) - (Better + Worse ?? 0)) < 1e-6;

    private static double? WithinOf(QuestionScores cell, QuestionScores reference) => DifferenceSpread.VarianceWithin(
        cell.Ids.Select(id => (IReadOnlyList<double>)[.. cell.Drawn(id).Zip(reference.Drawn(id), (a, b) => a - b)]));
}
