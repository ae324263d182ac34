using ScottPlot;

namespace ActivationReplay.Ablations.Reports;

/// <summary>Accuracy against the seconds that an answer takes: what a cell costs for what it gives.</summary>
internal static class CostPlot
{
    // Pixels on a page that points have from left to right, about: the names at the side take the rest.
    private const int DataWidth = 580;

    // Pixels of a marker: its number has room in it.
    private const int Marker = 18;

    private sealed record Point(int Number, CellRow Row, double Seconds, double Percent);

    /// <summary>The figure; null where no cell has an answer.</summary>
    public static Figure? Of(RunReport report)
    {
        Point[] points =
        [
            .. report.Cells.Index().Where(c => c.Item.Times.Total > 0 && double.IsFinite(c.Item.Accuracy))
                .Select(c => new Point(c.Index + 1, c.Item, c.Item.Times.Total!.Value, 100 * c.Item.Accuracy)),
        ];
        if (points.Length == 0)
        {
            return null;
        }

        const string Title = "Accuracy against cost";
        var height = PlotSheet.HeightBesides([.. points.Select(Name)]);
        return new Figure(
            "cost",
            Title,
            "Up is more accurate, left is cheaper. Numbers are those of the cells in the table; lines are 95% intervals.",
            height,
            theme => Plot(theme, Title, points, height));
    }

    private static string Name(Point point) => $"{Numbers.Whole(point.Number)}  {point.Row.Cell}";

    private static Plot Plot(PlotTheme theme, string title, Point[] points, int height)
    {
        var log = LogScale.Helps([.. points.Select(p => p.Seconds)]);
        var named = points.Length <= PlotSheet.MostNames;
        var plot = PlotSheet.New(theme, title, log ? "seconds an answer (logarithmic)" : "seconds an answer", "right answers, %");
        foreach (var point in points)
        {
            var (x, colour) = (Position(point), theme.Method(point.Row.Settings.Method));
            plot.Add.Line(x, 100 * point.Row.AccuracyLow, x, 100 * point.Row.AccuracyHigh).LineStyle =
                new LineStyle(1.5f, colour.WithAlpha(named ? 0.5 : 0.25));
            if (named)
            {
                plot.Legend.ManualItems.Add(new LegendItem
                {
                    LabelText = PlotSheet.Wrap(Name(point)),
                    MarkerShape = MarkerShape.FilledCircle,
                    MarkerSize = 9,
                    MarkerColor = colour,
                });
            }
        }

        if (!named)
        {
            PlotSheet.NameMethods(plot, theme, points.Select(p => p.Row.Settings.Method));
        }

        var limits = Limits(points, Position, log);
        plot.Axes.SetLimits(limits);
        if (log)
        {
            plot.Axes.Bottom.TickGenerator = LogScale.Ticks(limits.Left, limits.Right);
        }

        AddMarkers(plot, theme, points, Position, limits, height);
        plot.ShowLegend(Edge.Right);
        return plot;

        double Position(Point point) => log ? Math.Log10(point.Seconds) : point.Seconds;
    }

    private static AxisLimits Limits(Point[] points, Func<Point, double> position, bool log)
    {
        var (left, right) = (points.Min(position), points.Max(position));
        var (low, high) = (100 * points.Min(p => p.Row.AccuracyLow), 100 * points.Max(p => p.Row.AccuracyHigh));
        var (roomX, roomY) = (Math.Max(0.08 * (right - left), log ? 0.1 : 0.1 * right), Math.Max(0.05 * (high - low), 1));
        return new AxisLimits(
            log ? left - roomX : Math.Max(0, left - roomX), right + roomX, Math.Max(-2, low - roomY), Math.Min(102, high + roomY));
    }

    // A number stands in its marker; markers on top of each other have their numbers beside them.
    private static void AddMarkers(
        Plot plot, PlotTheme theme, Point[] points, Func<Point, double> position, AxisLimits limits, int height)
    {
        foreach (var point in points)
        {
            plot.Add.Marker(position(point), point.Percent, MarkerShape.FilledCircle, Marker, theme.Method(point.Row.Settings.Method));
        }

        foreach (var (x, y, label) in PointLabels.Of(
            points.Select(p => (p.Number, position(p), p.Percent)),
            limits.HorizontalSpan / DataWidth,
            limits.VerticalSpan / (height - PlotSheet.Margins)))
        {
            var text = plot.Add.Text(label, x, y);
            if (int.TryParse(label, out _))
            {
                (text.LabelFontSize, text.LabelFontColor, text.LabelAlignment, text.LabelBold, text.OffsetY) =
                    (10, theme.Surface, Alignment.MiddleCenter, true, 1);
                continue;
            }

            var onRight = x > limits.Left + (0.7 * limits.HorizontalSpan);
            (text.LabelFontSize, text.LabelFontColor) = (11, theme.Ink);
            (text.LabelAlignment, text.OffsetX) =
                (onRight ? Alignment.MiddleRight : Alignment.MiddleLeft, (onRight ? -1 : 1) * ((Marker / 2) + 3));
        }
    }
}
