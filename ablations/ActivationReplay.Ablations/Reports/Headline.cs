namespace ActivationReplay.Ablations.Reports;

/// <summary>The main finding of a run with its uncertainty, in one or two sentences.</summary>
internal static class Headline
{
    private const double Level = 0.05;

    /// <summary>
    /// The cell that the report is about: of the cells of <c>replay</c>, else of every method beside <c>base</c> and
    /// <c>none</c>, the one with the largest difference to RLVR. Null without such a cell.
    /// </summary>
    public static CellRow? Featured(RunReport report)
    {
        // With the first tool, where there are several.
        var steered = report.Cells.Where(c => c.Settings.Method is not ("base" or "none") && c.Settings.Tool == report.Cells[0].Settings.Tool).ToList();
        var own = steered.Where(c => c.Settings.Method == "replay").ToList();
        return (own.Count > 0 ? own : steered)
            .OrderByDescending(c => c.ToRlvr?.Difference ?? double.NegativeInfinity)
            .ThenByDescending(c => double.IsFinite(c.Accuracy))
            .FirstOrDefault();
    }

    /// <summary>The sentences.</summary>
    public static IReadOnlyList<string> Of(RunReport report)
    {
        if (!report.Cells.Any(c => c.Answers > 0))
        {
            return report.Samples.Count == 0
                ? ["Nothing has been computed yet."]
                : [$"No question was answered: all {Numbers.Whole(report.Samples.Count)} rows are errors."];
        }

        var featured = Featured(report);
        if (featured is not { Answers: > 0 })
        {
            var alone = report.Cells.Where(c => c.Answers > 0).Select(c => $"{Name(c)} answers {Correct(c)} right");
            return [$"{string.Join("; ", alone)}. No other cell of this run has an answer."];
        }

        return featured.ToRlvr is { } to
            ? [.. Compared(report, featured, to), .. Coverage(report, featured)]
            : [$"{Name(featured)} answers {Correct(featured)} right. This run has no answers of RLVR alone (none) to compare with."];
    }

    /// <summary>The name of a cell in running text.</summary>
    public static string Name(CellRow cell) => cell.Cell switch
    {
        "none" => "RLVR alone",
        "base" => "The base model",
        "replay" => "Activation Replay",
        _ => $"The cell “{cell.Cell}”",
    };

    private static IEnumerable<string> Compared(RunReport report, CellRow cell, CellComparison to)
    {
        var rlvr = report.Cells.First(c => c.Cell == "none");
        yield return $"{Name(cell)} answers {Correct(cell)} right, RLVR alone {Numbers.Percent(rlvr.Accuracy)}: "
            + $"{Numbers.Points(to.Difference)} points (95% interval {Numbers.Points(to.Low)} to {Numbers.Points(to.High)}).";
        CellRow[] compared = [.. report.Cells.Where(c => c.ToRlvr is not null)];
        var alike = compared.Count(c => c.Settings.Method == cell.Settings.Method);
        var certain = to.Corrected < Level;
        yield return compared.Count(c => c.Settings.Method is not "base") > 1
            ? (alike > 1 ? $"It is the best of {Numbers.Whole(alike)} {cell.Settings.Method} cells; with " : "With ")
                + $"{Numbers.Whole(compared.Length)} comparisons corrected for, "
                + $"{Numbers.P(to.Corrected, sentence: true)}{(certain ? "" : ", so this is no evidence of a difference")}."
            : $"It is better on {Numbers.Whole(to.Better ?? 0)} questions and worse on {Numbers.Whole(to.Worse ?? 0)} "
                + $"({Numbers.P(to.P, sentence: true)}){(certain ? "" : ": no evidence of a difference")}.";
        if (!certain && to.Detectable is { } smallest)
        {
            yield return $"The interval's half-width is {Numbers.Fixed(100 * to.HalfWidth)} points; {Numbers.Whole(to.Questions ?? 0)} questions show a difference of "
                + $"{Numbers.Fixed(100 * smallest)} points or more with 80% power.";
        }
    }

    private static IEnumerable<string> Coverage(RunReport report, CellRow cell)
    {
        var last = report.Passes.Where(p => p.Cell == cell.Cell).MaxBy(p => p.K);
        if (last is { K: > 1, RlvrDifference: not null })
        {
            yield return $"In {Numbers.Whole(last.K)} answers a question it solves {Numbers.Percent(last.Pass)} at least once, "
                + $"{Numbers.Points(last.RlvrDifference)} points against RLVR ({Numbers.Points(last.RlvrLow)} to {Numbers.Points(last.RlvrHigh)}).";
        }
    }

    private static string Correct(CellRow cell) =>
        $"{Numbers.Percent(cell.Accuracy)} of {Numbers.Whole(cell.Questions)} question{(cell.Questions == 1 ? "" : "s")}";
}
