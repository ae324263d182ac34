namespace ActivationReplay.Ablations.Reports;

/// <summary>Accuracy against the seconds that an answer takes: what a cell costs for what it gives.</summary>
internal static class CostPlot
{
    /// <summary>The figure; null where no cell has an answer.</summary>
    public static Figure? Of(RunReport report)
    {
        CellPoint[] points =
        [
            .. report.Cells.Index().Where(c => c.Item.Times.Total > 0 && double.IsFinite(c.Item.Accuracy)).Select(c => new CellPoint(
                c.Index + 1, c.Item.Cell, c.Item.Settings.Method, c.Item.Times.Total!.Value,
                100 * c.Item.Accuracy, 100 * c.Item.AccuracyLow, 100 * c.Item.AccuracyHigh)),
        ];
        return points.Length == 0 ? null : new PointPlot("Accuracy against cost", "seconds an answer", "right answers, %", points).Figure(
            "cost", "Up is more accurate, left is cheaper. Numbers are those of the cells in the table; lines are 95% intervals.");
    }
}
