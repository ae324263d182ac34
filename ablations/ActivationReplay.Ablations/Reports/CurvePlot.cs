using ScottPlot;
using ScottPlot.TickGenerators;

namespace ActivationReplay.Ablations.Reports;

/// <summary>A point of a curve with its interval.</summary>
internal readonly record struct CurvePoint(double X, double Y, double Low, double High);

/// <summary>A cell's curve.</summary>
/// <param name="Number">The number of the cell in the table, from 1.</param>
/// <param name="Cell">The name of the cell.</param>
/// <param name="Method">The method of the cell.</param>
/// <param name="Points">The points, in order.</param>
/// <param name="Pattern">
/// The line pattern, in the colour of the method; null chooses one that tells cells of a method apart.
/// </param>
internal sealed record Curve(
    int Number, string Cell, string Method, IReadOnlyList<CurvePoint> Points, LinePattern? Pattern = null);

/// <summary>
/// Curves of cells over a common axis: with bands where they are few, with names at the side where these have room, else with
/// the cells' numbers at their ends.
/// </summary>
/// <param name="curves">At least one, each with a point.</param>
/// <param name="log">Whether y is drawn at its log10.</param>
internal sealed class CurvePlot(IReadOnlyList<Curve> curves, bool log)
{
    // More bands would hide each other.
    private const int MostBands = 6;

    // Pixels on a page between the first and the last point, about, and of a character.
    private const int DataWidth = 560;
    private const int Character = 7;

    private readonly bool named = curves.Count <= PlotSheet.MostNames;
    private readonly bool banded = curves.Count <= MostBands;

    /// <summary>Pixels on a page.</summary>
    public int Height { get; } = PlotSheet.HeightBesides([.. curves.Select(c => c.Cell)]);

    /// <summary>A sentence for the caption, if curves are labelled by number only; else empty.</summary>
    public string Reading => named ? "" : " Colours are methods; numbers are those of the cells in the table.";

    /// <summary>Adds the curves to a plot, with whole numbers on the horizontal axis.</summary>
    /// <param name="plot">An empty plot.</param>
    /// <param name="theme">Its colours.</param>
    /// <param name="marks">The numbers that are marked on the axis, ascending.</param>
    /// <param name="position">Maps a number to its coordinate on the axis.</param>
    public void AddTo(Plot plot, PlotTheme theme, IReadOnlyList<int> marks, Func<int, double> position)
    {
        double[] bounds = [.. curves.SelectMany(c => c.Points).SelectMany(Ends).Select(Scaled).Where(double.IsFinite)];
        var (low, high) = (bounds.Min(), bounds.Max());
        var lines = theme.Lines(curves.Select(c => (c.Cell, c.Method)));
        foreach (var curve in curves)
        {
            var (colour, pattern) = !named ? (theme.Method(curve.Method).WithAlpha(0.75), LinePattern.Solid)
                : curve.Pattern is { } given ? (theme.Method(curve.Method), given)
                : lines[curve.Cell];
            AddCurve(plot, curve, colour, pattern, low);
        }

        var (first, last) = (position(marks[0]), position(marks[^1]));
        var (roomX, roomY) = (0.02 * (last - first), Math.Max(0.04 * (high - low), 1e-9));
        if (!named)
        {
            PlotSheet.NameMethods(plot, theme, curves.Select(c => c.Method));
            var longest = AddNumbers(plot, theme, (last - first) / DataWidth, (high - low) / (Height - PlotSheet.Margins));
            last += longest * Character * (last - first) / DataWidth;
        }

        plot.Axes.SetLimits(first - roomX, last + roomX, low - roomY, high + roomY);
        plot.Axes.Bottom.TickGenerator = new NumericManual([.. marks.Select(position)], [.. marks.Select(m => Numbers.Whole(m))]);
        if (log)
        {
            plot.Axes.Left.TickGenerator = LogScale.Ticks(low - roomY, high + roomY);
        }

        plot.ShowLegend(Edge.Right);
    }

    private void AddCurve(Plot plot, Curve curve, Color colour, LinePattern pattern, double low)
    {
        double[] xs = [.. curve.Points.Select(p => p.X)];
        if (banded)
        {
            var band = plot.Add.FillY(xs, [.. curve.Points.Select(p => Bound(p.Low))], [.. curve.Points.Select(p => Bound(p.High))]);
            (band.FillColor, band.LineWidth, band.LegendText) = (colour.WithAlpha(curves.Count > 2 ? 0.1 : 0.16), 0, "");
        }

        var line = plot.Add.Scatter(xs, [.. curve.Points.Select(p => Scaled(p.Y))]);
        (line.Color, line.LinePattern, line.LineWidth, line.MarkerSize, line.LegendText) =
            (colour, pattern, named ? 2 : 1.5f, xs.Length <= 8 && named ? 7 : 0, named ? PlotSheet.Wrap(curve.Cell) : "");

        // A band that reaches below 0 has no logarithm: it goes on below the plot.
        double Bound(double y) => log && y <= 0 ? low - 1 : Scaled(y);
    }

    // Returns the characters of the longest label.
    private int AddNumbers(Plot plot, PlotTheme theme, double unitX, double unitY)
    {
        var ends = curves.Select(c => (c.Number, c.Points[^1].X, Scaled(c.Points[^1].Y)));
        var labels = PointLabels.Of(ends, unitX, unitY);
        foreach (var (x, y, label) in labels)
        {
            var text = plot.Add.Text(label, x, y);
            (text.LabelFontSize, text.LabelFontColor, text.LabelAlignment, text.OffsetX) = (11, theme.Ink, Alignment.MiddleLeft, 4);
        }

        return labels.Max(l => l.Text.Length);
    }

    private IEnumerable<double> Ends(CurvePoint p) => banded ? [p.Low, p.Y, p.High] : [p.Y];

    private double Scaled(double y) => log ? Math.Log10(y) : y;
}
