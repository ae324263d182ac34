using ActivationReplay.Ablations.Reports;

namespace ActivationReplay.Ablations.Tables;

/// <summary>Pooled runs as people read them: in percentage points, a cell and below it its runs.</summary>
internal static class PooledPanel
{
    /// <summary>How it was pooled, in words.</summary>
    public const string Method =
        "Differences are paired by question within a run, with standard errors of the bootstrap. They are pooled by a random-effects model (DerSimonian and Laird): "
        + "runs have differences of their own with standard deviation τ, and I² is the part of their spread that is not of their errors. "
        + "Intervals of pooled differences are Hartung, Knapp, Sidik and Jonkman's, with t of the runs less one; runs count as independent. "
        + "Holm: corrected over the pooled cells.";

    /// <summary>The panel.</summary>
    public static TablePanel Of(PooledRuns pooled) => new(
        $"difference to RLVR alone in {pooled.Measure}, points [95%]",
        ["runs", "questions", "difference [95%]", "weight", "p", "Holm", "τ", "I²", "p of Q"],
        [.. pooled.Cells.SelectMany(c => c.Runs.Select(Line).Prepend(Line(c.Cell)))]);

    private static PanelLine Line(PooledCell cell) => new(
        LineKind.Own,
        cell.Cell,
        [
            Numbers.Whole(cell.Runs), Numbers.Whole(cell.Questions), Interval(cell.Difference, cell.Low, cell.High), "", Numbers.P(cell.P), Numbers.P(cell.Corrected),
            Numbers.Fixed(100 * Math.Sqrt(cell.TauSquared)), Numbers.Percent(cell.ISquared), Numbers.P(cell.HeterogeneityP),
        ]);

    private static PanelLine Line(PooledRun run) => new(
        LineKind.Part,
        $"{run.Run}: {run.Pair}, {run.Benchmark}",
        ["", Numbers.Whole(run.Questions), Interval(run.Difference, run.Low, run.High) + (run.IsComplete ? "" : TablePanel.Partial), Numbers.Percent(run.Weight), "", "", "", "", ""]);

    /// <summary>A difference with its interval, in points.</summary>
    public static string Interval(double value, double low, double high) => $"{Numbers.Points(value)} [{Numbers.Points(low)}, {Numbers.Points(high)}]";
}
