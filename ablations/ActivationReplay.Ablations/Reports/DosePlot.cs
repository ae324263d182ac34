using System.Globalization;

namespace ActivationReplay.Ablations.Reports;

/// <summary>The effect of a loop by its dose: difference to RLVR alone against the share of its first loss that a cell leaves.</summary>
internal static class DosePlot
{
    // Fewer doses are no curve.
    private const int Least = 3;

    /// <summary>
    /// The figures, of right answers and, where questions have several answers, of questions solved at least once; none of a run with
    /// fewer than three doses.
    /// </summary>
    public static IReadOnlyList<Figure> Of(RunReport report)
    {
        var doses = report.Cells.Index()
            .Where(c => c.Item is { ToRlvr: not null, LossFirst: > 0, LossLast: > 0 } && double.IsFinite(c.Item.LossLast!.Value))
            .Select(c => (Number: c.Index + 1, Row: c.Item, Left: c.Item.LossLast!.Value / c.Item.LossFirst!.Value)).ToList();
        if (doses.Count < Least)
        {
            return [];
        }

        List<Figure> figures =
        [
            Draw("dose", "Right answers by dose", "difference to RLVR alone, points",
                [.. doses.Select(d => Point(d, d.Row.ToRlvr!.Difference, d.Row.ToRlvr.Low, d.Row.ToRlvr.High))]),
        ];
        var last = report.Passes.Select(p => p.K).DefaultIfEmpty(1).Max();
        var passes = report.Passes.Where(p => p.K == last && p.RlvrDifference is not null).ToDictionary(p => p.Cell);
        CellPoint[] covered =
        [
            .. doses.Where(d => passes.ContainsKey(d.Row.Cell)).Select(d => (Dose: d, Pass: passes[d.Row.Cell]))
                .Select(d => Point(d.Dose, d.Pass.RlvrDifference, d.Pass.RlvrLow, d.Pass.RlvrHigh)),
        ];
        if (last > 1 && covered.Length >= Least)
        {
            figures.Add(Draw("dose-coverage", string.Create(CultureInfo.InvariantCulture, $"pass@{last} by dose"), "difference to RLVR alone, points", covered));
        }

        return figures;
    }

    private static CellPoint Point((int Number, CellRow Row, double Left) dose, double? difference, double? low, double? high) => new(
        dose.Number, dose.Row.Cell, dose.Row.Settings.Method, dose.Left, 100 * difference!.Value, 100 * low!.Value, 100 * high!.Value);

    private static Figure Draw(string name, string title, string unit, IReadOnlyList<CellPoint> points) =>
        new PointPlot(title, "loss left, as a share of the first", unit, points).Figure(
            name,
            "Left is a stronger dose. Each cell at the mean of its last losses over that of its first; lines are 95% intervals of the "
                + "difference, paired by question. Numbers are those of the cells in the table.");
}
