using ActivationReplay.Ablations.Reports;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace ActivationReplay.Ablations.Tables;

/// <summary>Curves over a few named directions. Rings are values; that of 0 is dotted, and the innermost lies outside the middle, so that losses stay apart.</summary>
internal static class RadarPlot
{
    /// <summary>Pixels on a page.</summary>
    public const int Height = 560;

    // The innermost ring's radius, of an outermost one of 1.
    private const double Inner = 0.25;
    private const int MostRings = 6;
    private const double NamesAt = 1.1;

    /// <summary>Draws it.</summary>
    /// <param name="theme">Colours.</param>
    /// <param name="title">The title.</param>
    /// <param name="spokes">The names of the directions, from the top, clockwise; at least three.</param>
    /// <param name="curves">The curves, a value a direction; published ones stand beside one's own of their name.</param>
    public static Plot Draw(PlotTheme theme, string title, IReadOnlyList<string> spokes, IReadOnlyList<GainCurve> curves)
    {
        var plot = PlotSheet.New(theme, title, "");
        plot.HideGrid();
        var rings = Rings(curves.SelectMany(c => c.Values).OfType<double>());
        foreach (var ring in rings)
        {
            var isZero = ring == 0;
            Outline(plot, [.. spokes.Select((_, i) => At(i, ring))], isZero ? theme.Muted : theme.Grid, isZero ? 2 : 1, isZero ? LinePattern.Dotted : LinePattern.Solid);
        }

        foreach (var (i, name) in spokes.Index())
        {
            plot.Add.Line(At(i, rings[0]), At(i, rings[^1])).LineStyle = new LineStyle(1, theme.Grid);
            var (sin, cos) = Math.SinCos(Angle(i));
            Text(plot, PlotSheet.Wrap(name), new Coordinates(NamesAt * sin, NamesAt * cos), 12, theme.Ink, Math.Abs(sin) < 0.1
                ? (cos > 0 ? Alignment.LowerCenter : Alignment.UpperCenter)
                : sin > 0 ? Alignment.MiddleLeft : Alignment.MiddleRight);
        }

        var colours = theme.Lines(curves.Where(c => !c.IsPublished).Select(c => (c.Name, c.Method)));
        foreach (var curve in curves)
        {
            Curve(plot, curve, colours[curve.Name].Colour, curve.IsPublished ? LinePattern.Dashed : LinePattern.Solid);
        }

        foreach (var ring in rings)
        {
            Text(plot, Numbers.Points(ring / 100), At(0, ring), 11, theme.Muted, Alignment.MiddleLeft);
        }

        foreach (var axis in new IAxis[] { plot.Axes.Bottom, plot.Axes.Left })
        {
            axis.FrameLineStyle.Width = 0;
            axis.TickGenerator = new NumericManual([], []);
        }

        plot.Axes.SetLimits(-1.5, 1.5, -1.25, 1.25);
        plot.Axes.SquareUnits();
        plot.ShowLegend(Edge.Right);
        return plot;

        double Angle(int spoke) => 2 * Math.PI * spoke / spokes.Count;

        Coordinates At(int spoke, double value)
        {
            var radius = Inner + ((1 - Inner) * (value - rings[0]) / (rings[^1] - rings[0]));
            return new Coordinates(radius * Math.Sin(Angle(spoke)), radius * Math.Cos(Angle(spoke)));
        }

        void Curve(Plot to, GainCurve curve, Color colour, LinePattern pattern)
        {
            Coordinates?[] points = [.. curve.Values.Select((v, i) => v is { } value ? At(i, value) : (Coordinates?)null)];
            Outline(to, points, colour, 2, pattern);
            foreach (var point in points.OfType<Coordinates>())
            {
                to.Add.Marker(point, MarkerShape.FilledCircle, curve.IsPublished ? 5 : 8, colour);
            }

            to.Legend.ManualItems.Add(new LegendItem { LabelText = PlotSheet.Wrap(curve.IsPublished ? $"{curve.Name}, published" : curve.Name), LineColor = colour, LineWidth = 2, LinePattern = pattern });
        }
    }

    /// <summary>The values of the rings, ascending: steps of 1, 2 or 5 around 0 and all values.</summary>
    internal static IReadOnlyList<double> Rings(IEnumerable<double> values)
    {
        double[] all = [0, .. values];
        var range = Math.Max(all.Max() - all.Min(), 1e-3);
        var power = Math.Pow(10, Math.Floor(Math.Log10(range / MostRings)));
        var step = new[] { 1, 2, 5, 10, 20 }.Select(m => m * power).First(s => Math.Ceiling(all.Max() / s) - Math.Floor(all.Min() / s) <= MostRings);
        var (low, high) = ((int)Math.Floor(all.Min() / step), (int)Math.Ceiling(all.Max() / step));
        return [.. Enumerable.Range(low, Math.Max(high - low, 1) + 1).Select(i => i * step)];
    }

    // Between neighbours that are both there, the last and the first, too.
    private static void Outline(Plot plot, Coordinates?[] points, Color colour, float width, LinePattern pattern)
    {
        foreach (var (i, point) in points.Index())
        {
            if (point is { } from && points[(i + 1) % points.Length] is { } to)
            {
                plot.Add.Line(from, to).LineStyle = new LineStyle(width, colour, pattern);
            }
        }
    }

    private static void Text(Plot plot, string words, Coordinates at, float size, Color colour, Alignment alignment)
    {
        var text = plot.Add.Text(words, at);
        (text.LabelFontSize, text.LabelFontColor, text.LabelAlignment) = (size, colour, alignment);
    }
}
