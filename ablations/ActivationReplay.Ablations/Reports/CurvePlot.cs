using ScottPlot;
using ScottPlot.TickGenerators;

namespace ActivationReplay.Ablations.Reports;

/// <summary>A point of a curve with its interval.</summary>
internal readonly record struct CurvePoint(double X, double Y, double Low, double High);

/// <summary>A cell's curve.</summary>
/// <param name="Number">The cell's in the table, from 1.</param>
/// <param name="Cell">Its name.</param>
/// <param name="Method">Its method.</param>
/// <param name="Points">In order.</param>
internal sealed record Curve(int Number, string Cell, string Method, IReadOnlyList<CurvePoint> Points);

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

    // Pixels on a page between the first and the last point, about.
    private const int DataWidth = 640;

    private readonly bool named = curves.Count <= PlotSheet.MostNames;
    private readonly bool banded = curves.Count <= MostBands;

    /// <summary>What a caption says of curves that have numbers only.</summary>
    public string Reading => named ? "" : " Colours are methods; numbers are those of the cells in the table.";

    /// <summary>Adds the curves to a plot.</summary>
    public void AddTo(Plot plot, PlotTheme theme)
    {
        double[] bounds = [.. curves.SelectMany(c => c.Points).SelectMany(Ends).Select(Place).Where(double.IsFinite)];
        var (low, high) = (bounds.Min(), bounds.Max());
        var lines = theme.Lines(curves.Select(c => (c.Cell, c.Method)));
        foreach (var curve in curves)
        {
            var (colour, pattern) = named ? lines[curve.Cell] : (theme.Method(curve.Method).WithAlpha(0.75), LinePattern.Solid);
            double[] xs = [.. curve.Points.Select(p => p.X)];
            if (banded)
            {
                // A band that reaches below 0 has no logarithm: it goes on below the plot.
                double Bound(double y) => log && y <= 0 ? low - 1 : Place(y);
                var band = plot.Add.FillY(xs, [.. curve.Points.Select(p => Bound(p.Low))], [.. curve.Points.Select(p => Bound(p.High))]);
                (band.FillColor, band.LineWidth, band.LegendText) = (colour.WithAlpha(curves.Count > 2 ? 0.1 : 0.16), 0, "");
            }

            var line = plot.Add.Scatter(xs, [.. curve.Points.Select(p => Place(p.Y))]);
            (line.Color, line.LinePattern, line.LineWidth, line.MarkerSize, line.LegendText) =
                (colour, pattern, named ? 2 : 1.5f, xs.Length <= 8 && named ? 7 : 0, named ? PlotSheet.Wrap(curve.Cell) : "");
        }

        var room = Math.Max(0.04 * (high - low), 1e-9);
        plot.Axes.SetLimitsY(low - room, high + room);
        if (log)
        {
            plot.Axes.Left.TickGenerator = LogScale.Ticks(low - room, high + room);
        }

        if (!named)
        {
            PlotSheet.NameMethods(plot, theme, curves.Select(c => c.Method));
            AddNumbers(plot, theme, high - low);
        }

        plot.ShowLegend(Edge.Right);
    }

    /// <summary>Whole numbers on the horizontal axis, where data stand at <paramref name="place"/>.</summary>
    public void MarkX(Plot plot, IReadOnlyList<int> values, Func<int, double> place)
    {
        plot.Axes.Bottom.TickGenerator = new NumericManual([.. values.Select(place)], [.. values.Select(v => Numbers.Whole(v))]);
        var (first, last) = (place(values[0]), place(values[^1]));
        var room = 0.02 * (last - first);
        plot.Axes.SetLimitsX(first - room, last + (named ? room : 6 * room));
    }

    private void AddNumbers(Plot plot, PlotTheme theme, double span)
    {
        var ends = curves.OrderBy(c => c.Number).Select(c => (c.Number, c.Points[^1].X, Place(c.Points[^1].Y)));
        var width = curves.Max(c => c.Points[^1].X) - curves.Min(c => c.Points[0].X);
        foreach (var (x, y, label) in PointLabels.Of(ends, width / DataWidth, span / (PlotSheet.CurveHeight - PlotSheet.Margins)))
        {
            var text = plot.Add.Text(label, x, y);
            (text.LabelFontSize, text.LabelFontColor, text.LabelAlignment, text.OffsetX) = (11, theme.Ink, Alignment.MiddleLeft, 4);
        }
    }

    private IEnumerable<double> Ends(CurvePoint p) => banded ? [p.Low, p.Y, p.High] : [p.Y];

    private double Place(double y) => log ? Math.Log10(y) : y;
}
