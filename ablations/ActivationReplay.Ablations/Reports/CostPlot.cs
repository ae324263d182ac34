using ActivationReplay.Ablations.Runs;
using ScottPlot;

namespace ActivationReplay.Ablations.Reports;

/// <summary>Accuracy against the seconds that an answer takes: what a cell costs for what it gives.</summary>
internal static class CostPlot
{
    // Pixels on a page that points have from left to right, about: the names at the side take the rest.
    private const int DataWidth = 600;

    /// <summary>The figure; null where no cell has an answer.</summary>
    public static Figure? Of(RunReport report)
    {
        (int Number, CellRow Row)[] cells =
        [
            .. report.Cells.Index().Where(c => c.Item.Times.Total > 0 && double.IsFinite(c.Item.Accuracy))
                .Select(c => (c.Index + 1, c.Item)),
        ];
        if (cells.Length == 0)
        {
            return null;
        }

        const string Title = "Accuracy against cost";
        return new Figure(
            "cost",
            Title,
            "Up is more accurate, left is cheaper. Numbers are those of the cells in the table; lines are 95% intervals.",
            PlotSheet.CurveHeight,
            theme => Plot(theme, Title, cells));
    }

    private static Plot Plot(PlotTheme theme, string title, (int Number, CellRow Row)[] cells)
    {
        double[] seconds = [.. cells.Select(c => c.Row.Times.Total!.Value)];
        var log = LogScale.Helps(seconds);
        var plot = PlotSheet.New(theme, title, log ? "seconds an answer (logarithmic)" : "seconds an answer", "right answers, %");
        foreach (var (number, row) in cells)
        {
            var (x, colour) = (Place(row.Times.Total!.Value), theme.Method(row.Settings.Method));
            plot.Add.Line(x, 100 * row.AccuracyLow, x, 100 * row.AccuracyHigh).LineStyle = new LineStyle(1.5f, colour.WithAlpha(cells.Length <= PlotSheet.MostNames ? 0.5 : 0.25));
            var marker = plot.Add.Marker(x, 100 * row.Accuracy, MarkerShape.FilledCircle, 10, colour);
            marker.LegendText = cells.Length <= PlotSheet.MostNames ? PlotSheet.Wrap($"{Numbers.Whole(number)}  {row.Cell}") : "";
        }

        double[] ends = [.. cells.SelectMany(c => new[] { 100 * c.Row.AccuracyLow, 100 * c.Row.AccuracyHigh })];
        var (left, right) = (Place(seconds.Min()), Place(seconds.Max()));
        var (roomX, roomY) = (Room(right - left, log ? 0.1 : 0.1 * seconds.Max()), Room(ends.Max() - ends.Min(), 1));
        var limits = new AxisLimits(
            log ? left - roomX : Math.Max(0, left - roomX),
            right + roomX,
            Math.Max(-1.5, ends.Min() - roomY),
            Math.Min(101.5, ends.Max() + roomY));
        plot.Axes.SetLimits(limits);
        foreach (var label in PointLabels.Of(
            cells.Select(c => (c.Number, Place(c.Row.Times.Total!.Value), 100 * c.Row.Accuracy)),
            limits.HorizontalSpan / DataWidth,
            limits.VerticalSpan / (PlotSheet.CurveHeight - PlotSheet.Margins)))
        {
            var onRight = label.X > limits.Left + (0.7 * limits.HorizontalSpan);
            var text = plot.Add.Text(label.Text, label.X, label.Y);
            (text.LabelFontSize, text.LabelFontColor) = (12, theme.Ink);
            (text.LabelAlignment, text.OffsetX, text.OffsetY) = (onRight ? Alignment.LowerRight : Alignment.LowerLeft, onRight ? -6 : 6, -4);
        }

        if (log)
        {
            plot.Axes.Bottom.TickGenerator = LogScale.Ticks(left - roomX, right + roomX);
        }

        if (cells.Length > PlotSheet.MostNames)
        {
            PlotSheet.NameMethods(plot, theme, cells.Select(c => c.Row.Settings.Method));
        }

        plot.ShowLegend(Edge.Right);
        return plot;

        double Place(double x) => log ? Math.Log10(x) : x;
        double Room(double range, double least) => Math.Max(0.08 * range, least);
    }
}
