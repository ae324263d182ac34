using ActivationReplay.Ablations.Reports;
using ScottPlot;

namespace ActivationReplay.Ablations.Tables;

/// <summary>Curves over a few named directions. Rings are values; that of 0 is heavier, and the innermost lies outside the middle, so that losses stay apart.</summary>
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
    /// <param name="curves">The curves, a value a direction; not all are empty.</param>
    public static Plot Draw(PlotTheme theme, string title, IReadOnlyList<string> spokes, IReadOnlyList<GainCurve> curves)
    {
        var plot = PlotSheet.New(theme, title, "");
        plot.HideGrid();
        var rings = Rings(curves.SelectMany(c => c.Values).OfType<double>());
        foreach (var ring in rings)
        {
            // A sum of steps may miss 0 by a rounding error.
            var isZero = Math.Abs(ring) < 1e-9;
            Outline(plot, [.. spokes.Select((_, i) => At(i, ring))], isZero ? theme.Muted : theme.Grid, isZero ? 2 : 1, LinePattern.Solid);
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
            var colour = colours.TryGetValue(curve.Name, out var own) ? own.Colour : theme.Method(curve.Method);
            Curve(plot, curve, colour, curve.IsPublished ? LinePattern.Dashed : LinePattern.Solid);
        }

        foreach (var ring in rings)
        {
            Text(plot, Numbers.Points(ring / 100), At(0, ring), 11, theme.Muted, Alignment.MiddleLeft);
        }

        plot.Axes.Frameless();
        plot.Axes.SetLimits(-1.5, 1.5, -1.2, 1.2);
        plot.Axes.SquareUnits();
        plot.ShowLegend(Edge.Bottom);
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

            to.Legend.ManualItems.Add(new LegendItem { LabelText = PlotSheet.Wrap(curve.Name), LineColor = colour, LineWidth = 2, LinePattern = pattern });
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
