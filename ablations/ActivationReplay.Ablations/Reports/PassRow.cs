using ActivationReplay.Evaluation.Statistics;
using ActivationReplay.Training;

namespace ActivationReplay.Ablations.Reports;

/// <summary>One number of an examination with its 95% interval over questions, for one family or <c>all</c>.</summary>
/// <remarks>Measures are <c>pass@k</c>, <c>greedy</c>, <c>tokens</c> and <see cref="ExamRow.Measures"/>, of the questions that have them with both models.</remarks>
internal sealed record PassRow(
    string Family,
    string Measure,
    int Questions,
    double Base,
    double BaseLow,
    double BaseHigh,
    double Rlvr,
    double RlvrLow,
    double RlvrHigh,
    double Difference,
    double DifferenceLow,
    double DifferenceHigh)
{
    /// <summary>k where the measure is pass@k.</summary>
    [CsvHelper.Configuration.Attributes.Ignore]
    public int? K => Measure.StartsWith(Pass, StringComparison.Ordinal)
        ? int.Parse(Measure.AsSpan(Pass.Length), System.Globalization.CultureInfo.InvariantCulture)
        : null;

    private const string Pass = "pass@";

    /// <summary>All rows: pass@1, 2, 4 … n, greedy, length and other measures; in all and by family.</summary>
    public static IReadOnlyList<PassRow> All(IReadOnlyList<ExamRow> baseRows, IReadOnlyList<ExamRow> rlvrRows)
    {
        var families = baseRows.Select(r => r.Family).Distinct().Where(f => f.Length > 0).ToList();
        return [.. families.Prepend("all").SelectMany(family => Of(
            family,
            [.. baseRows.Where(r => family == "all" || r.Family == family)],
            [.. rlvrRows.Where(r => family == "all" || r.Family == family)]))];
    }

    private static IEnumerable<PassRow> Of(string family, ExamRow[] baseRows, ExamRow[] rlvrRows)
    {
        for (var k = 1; k <= baseRows[0].Scores.Count; k *= 2)
        {
            yield return Compare(family, FormattableString.Invariant($"{Pass}{k}"), baseRows, rlvrRows, row => row.PassAt(k));
        }

        yield return Compare(family, "greedy", baseRows, rlvrRows, row => row.Greedy);
        yield return Compare(family, "tokens", baseRows, rlvrRows, row => row.Tokens);
        foreach (var name in baseRows.SelectMany(r => r.Measures.Keys).Distinct())
        {
            var both = baseRows.Zip(rlvrRows).Where(p => p.First.Measures.ContainsKey(name) && p.Second.Measures.ContainsKey(name)).ToArray();
            if (both.Length > 0)
            {
                yield return Compare(
                    family, name, [.. both.Select(p => p.First)], [.. both.Select(p => p.Second)], row => row.Measures[name]);
            }
        }
    }

    private static PassRow Compare(
        string family, string measure, ExamRow[] baseRows, ExamRow[] rlvrRows, Func<ExamRow, double> value)
    {
        var ofBase = Bootstrap.Mean([.. baseRows.Select(value)]);
        var ofRlvr = Bootstrap.Mean([.. rlvrRows.Select(value)]);
        var paired = Bootstrap.Mean([.. baseRows.Zip(rlvrRows, (b, r) => value(r) - value(b))]);
        return new PassRow(
            family, measure, baseRows.Length,
            ofBase.Mean, ofBase.Low, ofBase.High,
            ofRlvr.Mean, ofRlvr.Low, ofRlvr.High,
            paired.Mean, paired.Low, paired.High);
    }
}
