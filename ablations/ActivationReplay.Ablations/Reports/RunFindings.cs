using System.Globalization;
using ActivationReplay.Ablations.Configuration;

namespace ActivationReplay.Ablations.Reports;

/// <summary>The findings that the intervals of a run support, as sentences.</summary>
internal static class RunFindings
{
    private const double Level = 0.05;

    public static IEnumerable<string> Of(RunConfig config, RunReport report)
    {
        var cells = report.Cells.Where(c => c.Questions > 0).ToList();
        if (cells.Count == 0)
        {
            return ["No question was answered."];
        }

        return new[]
        {
            Pair(cells),
            Matrix(cells),
            Coverage(config, report),
            Losses(cells),
            Warning(report),
            Trouble(cells),
        }.OfType<string>();
    }

    private static string? Pair(List<CellRow> cells) =>
        cells.Find(c => c.Cell == "none")?.ToBase is { } to ? $"RLVR alone {Compared(to, "base", to.P, tests: 1)}." : null;

    // The cells that change RLVR, with Holm's correction where there are several.
    private static string? Matrix(List<CellRow> cells)
    {
        var changed = cells.Where(c => c.Settings.Method is not ("none" or "base") && c.ToRlvr is not null).ToList();
        if (changed.Count == 0)
        {
            return null;
        }

        if (changed is [var only])
        {
            return $"{only.Cell} {Compared(only.ToRlvr!, "RLVR alone", only.ToRlvr!.Corrected, cells.Count(c => c.ToRlvr is not null))}.";
        }

        var better = changed.Where(c => c.ToRlvr!.Corrected < Level && c.ToRlvr.Difference > 0).ToList();
        var worse = changed.Where(c => c.ToRlvr!.Corrected < Level && c.ToRlvr.Difference < 0).ToList();
        var (most, least) = (changed.MaxBy(c => c.ToRlvr!.Difference)!, changed.MinBy(c => c.ToRlvr!.Difference)!);
        var others = changed.Except([.. better, .. worse]).Select(c => c.ToRlvr!).ToList();
        return Text($"Of {changed.Count} cells, {Count(better)} better and {Count(worse)} worse than RLVR alone after Holm's correction (p < {Level}); the others cannot be told from it with {changed.Max(c => c.Questions)} questions{Limits(others)}. ")
            + Text($"Highest: {most.Cell}, {Interval(most.ToRlvr!)}; lowest: {least.Cell}, {Interval(least.ToRlvr!)}.");
    }

    private static string Count(List<CellRow> cells) => cells.Count == 0
        ? "none is"
        : Text($"{cells.Count} {(cells.Count == 1 ? "is" : "are")}");

    private static string? Coverage(RunConfig config, RunReport report)
    {
        var most = report.Passes.Where(p => p.K == config.Generation.Samples && p.K > 1).ToList();
        var parts = new List<string>();
        if (most.Find(p => p.Cell == "none") is { BaseDifference: { } toBase } rlvr)
        {
            parts.Add(Text($"RLVR alone {Side(rlvr.BaseLow, rlvr.BaseHigh, "solves more", "solves fewer", "solves as many, as far as can be told,")} questions at least once {Than(rlvr.BaseLow, rlvr.BaseHigh)} base ({toBase:+0.000;-0.000;0.000} [{rlvr.BaseLow:+0.000;-0.000;0.000}, {rlvr.BaseHigh:+0.000;-0.000;0.000}])"));
        }

        foreach (var row in most.Where(p => p.Cell is not ("none" or "base") && p.RlvrDifference is not null).Take(3))
        {
            parts.Add(Text($"{row.Cell} against RLVR alone: {row.RlvrDifference:+0.000;-0.000;0.000} [{row.RlvrLow:+0.000;-0.000;0.000}, {row.RlvrHigh:+0.000;-0.000;0.000}]"));
        }

        return parts.Count == 0 ? null : Text($"With {config.Generation.Samples} answers (pass@{config.Generation.Samples}): {string.Join("; ", parts)}.");
    }

    private static string Side(double? low, double? high, string more, string fewer, string same) => low > 0 ? more : high < 0 ? fewer : same;

    private static string Than(double? low, double? high) => low > 0 || high < 0 ? "than" : "as";

    /// <summary>
    /// On how many questions a loop ended above its first loss, and where to read what to set; null where none did.
    /// </summary>
    public static string? Warning(RunReport report)
    {
        var loops = report.Cells.Where(c => c.LossFirst is not null).ToList();
        var risen = loops.Where(c => c.LossRose > 0).ToList();
        if (risen.Count == 0)
        {
            return null;
        }

        var (most, questions) = (risen.Max(c => c.LossRose), loops.Max(c => c.Questions));
        return (loops.Count == 1
                ? Text($"Warning: the loop ended above its first loss on {most} of {questions} questions.")
                : Text($"Warning: loops ended above their first loss, on up to {most} of {questions} questions, in {risen.Count} of {loops.Count} cells."))
            + " A rate too high for the pictures does that; docs/when-the-loss-rises.md says what to set.";
    }

    private static string? Losses(List<CellRow> cells)
    {
        var changes = cells.Where(c => c.LossFirst > 0).Select(c => (c.LossLast!.Value / c.LossFirst!.Value) - 1).Where(double.IsFinite).ToList();
        var (fallen, risen) = (changes.Where(c => c <= 0).Select(c => -c).ToList(), changes.Where(c => c > 0).ToList());
        return changes switch
        {
            [] => null,
            [var one] => Text($"The loop {(one > 0 ? "raised" : "lowered")} its loss by {Math.Abs(one):0%} on average."),
            _ when risen.Count == 0 => Text($"The loops lowered their losses by {fallen.Min():0%} to {fallen.Max():0%} on average of a cell."),
            _ when fallen.Count == 0 => Text($"The loops raised their losses by {risen.Min():0%} to {risen.Max():0%} on average of a cell."),
            _ => Text($"On average of a cell, the loops of {fallen.Count} cells lowered their losses by up to {fallen.Max():0%}, those of {risen.Count} raised them by up to {risen.Max():0%}."),
        };
    }

    private static string? Trouble(List<CellRow> cells)
    {
        var (errors, unparsed, answers, diverged) =
            (cells.Sum(c => c.Errors), cells.Sum(c => c.Unparsed), cells.Sum(c => c.Answers), cells.Sum(c => c.Diverged));
        return errors + unparsed + diverged == 0
            ? null
            : Text($"Not counted as answers: {errors} error rows. Counted as wrong: {unparsed} of {answers} answers in which none was found. {diverged} loops ended above twice their first loss.");
    }

    private static string Compared(CellComparison to, string other, double? p, int tests) => to.Low > 0
        ? Text($"is better than {other}: {Interval(to)}, p = {p:0.000}")
        : to.High < 0
            ? Text($"is worse than {other}: {Interval(to)}, p = {p:0.000}")
            : Text($"cannot be told from {other} with these questions: {Interval(to)}, p = {p:0.000}; the interval's half-width is {to.HalfWidth:0.000}")
                + (to.Smallest(tests) is { } smallest ? Text($", and {to.Questions} questions show a difference of {smallest:0.000} or more with 80% power{(tests > 1 ? Text($" (Holm's first step of {tests})") : "")}") : "");

    // What those that cannot be told could have been.
    private static string Limits(List<CellComparison> others)
    {
        var widths = others.Select(c => c.HalfWidth).OfType<double>().ToList();
        var shown = others.Select(c => c.Detectable).OfType<double>().ToList();
        return widths.Count == 0 ? "" : Text($" (half-widths of intervals {Range(widths)}")
            + (shown.Count == 0 ? ")" : Text($"; differences that they show with 80% power after the correction: from {Range(shown)})"));
    }

    private static string Range(List<double> values) => Text($"{values.Min():0.000}") is var low && Text($"{values.Max():0.000}") is var high && low == high
        ? low
        : $"{low} to {high}";

    private static string Interval(CellComparison to) =>
        Text($"{to.Difference:+0.000;-0.000;0.000} [{to.Low:+0.000;-0.000;0.000}, {to.High:+0.000;-0.000;0.000}], better on {to.Better} questions, worse on {to.Worse}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
