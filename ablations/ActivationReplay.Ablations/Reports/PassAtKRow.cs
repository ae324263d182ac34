using ActivationReplay.Evaluation.Statistics;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.Reports;

/// <summary>
/// pass@k of a cell: a line of passk.csv. Unbiased estimates; 95% intervals, bootstrapped over questions; differences are
/// paired by question and empty in the reference's own rows.
/// </summary>
public sealed record PassAtKRow
{
    [Name("cell")] public required string Cell { get; init; }

    [Name("k")] public int K { get; init; }

    [Name("questions")] public int Questions { get; init; }

    [Name("pass")] public double Pass { get; init; }

    [Name("low")] public double Low { get; init; }

    [Name("high")] public double High { get; init; }

    [Name("rlvr_difference")] public double? RlvrDifference { get; init; }

    [Name("rlvr_low")] public double? RlvrLow { get; init; }

    [Name("rlvr_high")] public double? RlvrHigh { get; init; }

    [Name("base_difference")] public double? BaseDifference { get; init; }

    [Name("base_low")] public double? BaseLow { get; init; }

    [Name("base_high")] public double? BaseHigh { get; init; }

    /// <summary>k = 1 … n of a cell, n the answers that each of its questions has.</summary>
    public static IEnumerable<PassAtKRow> Of(string cell, QuestionScores scores, QuestionScores? rlvr, QuestionScores? ofBase)
    {
        int[] ks = [.. Enumerable.Range(1, scores.Answers)];
        if (ks.Length == 0)
        {
            return [];
        }

        string[] all = [.. scores.Ids];
        var own = Bootstrap.Means([.. ks.Select(k => (IReadOnlyList<double>)[.. all.Select(id => scores.PassAt(id, k))])]);
        var (toRlvr, toBase) = (Differences(scores, rlvr), Differences(scores, ofBase));
        return ks.Select(k => new PassAtKRow
        {
            Cell = cell,
            K = k,
            Questions = all.Length,
            Pass = own[k - 1].Mean,
            Low = own[k - 1].Low,
            High = own[k - 1].High,
            RlvrDifference = At(toRlvr, k)?.Mean,
            RlvrLow = At(toRlvr, k)?.Low,
            RlvrHigh = At(toRlvr, k)?.High,
            BaseDifference = At(toBase, k)?.Mean,
            BaseLow = At(toBase, k)?.Low,
            BaseHigh = At(toBase, k)?.High,
        });
    }

    private static Estimate? At(IReadOnlyList<Estimate> estimates, int k) => k <= estimates.Count ? estimates[k - 1] : null;

    private static IReadOnlyList<Estimate> Differences(QuestionScores scores, QuestionScores? reference)
    {
        if (reference is null)
        {
            return [];
        }

        (scores, reference) = QuestionScores.Paired(scores, reference);
        string[] both = [.. scores.Ids];
        return both.Length == 0
            ? []
            : Bootstrap.Means(
            [
                .. Enumerable.Range(1, Math.Min(scores.Answers, reference.Answers)).Select(k =>
                    (IReadOnlyList<double>)[.. both.Select(id => scores.PassAt(id, k) - reference.PassAt(id, k))]),
            ]);
    }
}
