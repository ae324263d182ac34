using ScottPlot;

namespace ActivationReplay.Ablations.Reports;

/// <summary>A cell as a point.</summary>
/// <param name="Number">The number of the cell in the table, from 1.</param>
/// <param name="Cell">The name of the cell.</param>
/// <param name="Method">The method of the cell, which determines the colour.</param>
/// <param name="X">Its place on the horizontal axis.</param>
/// <param name="Y">Its place on the vertical axis, with the interval from <paramref name="Low"/> to <paramref name="High"/>.</param>
/// <param name="Low">The lower end of the interval.</param>
/// <param name="High">The upper end of the interval.</param>
internal sealed record CellPoint(int Number, string Cell, string Method, double X, double Y, double Low, double High)
{
    /// <summary>The number and the name.</summary>
    public string Name => $"{Numbers.Whole(Number)}  {Cell}";
}

/// <summary>Cells as numbered points with a vertical interval each, named at the side where names have room.</summary>
/// <param name="title">What it shows.</param>
/// <param name="xLabel">The horizontal values' name and unit.</param>
/// <param name="yLabel">The vertical values' name and unit.</param>
/// <param name="points">At least one.</param>
internal sealed class PointPlot(string title, string xLabel, string yLabel, IReadOnlyList<CellPoint> points)
{
    // Pixels on a page that points have from left to right, about: the names at the side take the rest.
    private const int DataWidth = 580;

    // Pixels of a marker: its number has room in it.
    private const int Marker = 18;

    private readonly int height = PlotSheet.HeightBesides([.. points.Select(p => p.Name)]);
    private readonly bool log = LogScale.Helps([.. points.Select(p => p.X)]);

    /// <summary>The figure.</summary>
    /// <param name="name">The file's name, without extension.</param>
    /// <param name="caption">How to read it.</param>
    public Figure Figure(string name, string caption) => new(name, title, caption, height, Plot);

    private Plot Plot(PlotTheme theme)
    {
        var named = points.Count <= PlotSheet.MostNames;
        var plot = PlotSheet.New(theme, title, log ? $"{xLabel} (logarithmic)" : xLabel, yLabel);
        var limits = Limits();
        if (limits.Bottom < 0 && limits.Top > 0)
        {
            plot.Add.HorizontalLine(0, 1.5f, theme.Muted);
        }

        foreach (var point in points)
        {
            var (x, colour) = (Position(point), theme.Method(point.Method));
            plot.Add.Line(x, point.Low, x, point.High).LineStyle = new LineStyle(1.5f, colour.WithAlpha(named ? 0.5 : 0.25));
            if (named)
            {
                plot.Legend.ManualItems.Add(new LegendItem
                {
                    LabelText = PlotSheet.Wrap(point.Name),
                    MarkerShape = MarkerShape.FilledCircle,
                    MarkerSize = 9,
                    MarkerColor = colour,
                });
            }
        }

        if (!named)
        {
            PlotSheet.NameMethods(plot, theme, points.Select(p => p.Method));
        }

        plot.Axes.SetLimits(limits);
        if (log)
        {
            plot.Axes.Bottom.TickGenerator = LogScale.Ticks(limits.Left, limits.Right);
        }

        AddMarkers(plot, theme, limits);
        plot.ShowLegend(Edge.Right);
        return plot;
    }

    private double Position(CellPoint point) => log ? Math.Log10(point.X) : point.X;

    // Of values that are none below 0 no axis goes there; per cents have room for the marker at 0 and at 100.
    private AxisLimits Limits()
    {
        var (left, right) = (points.Min(Position), points.Max(Position));
        var (low, high) = (points.Min(p => p.Low), points.Max(p => p.High));
        var (roomX, roomY) = (Math.Max(0.08 * (right - left), log ? 0.1 : 0.1 * right), Math.Max(0.05 * (high - low), 1));
        return new AxisLimits(
            log ? left - roomX : Math.Max(0, left - roomX), right + roomX, low < 0 ? low - roomY : Math.Max(-2, low - roomY), Math.Min(102, high + roomY));
    }

    // A number stands in its marker; markers on top of each other have their numbers beside them.
    private void AddMarkers(Plot plot, PlotTheme theme, AxisLimits limits)
    {
        foreach (var point in points)
        {
            plot.Add.Marker(Position(point), point.Y, MarkerShape.FilledCircle, Marker, theme.Method(point.Method));
        }

        foreach (var (x, y, label) in PointLabels.Of(
            points.Select(p => (p.Number, Position(p), p.Y)),
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
