using System.Globalization;
using ActivationReplay.Ablations.Reports;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace ActivationReplay.Benchmarks.Roofline;

/// <summary>The roofline (Williams, Waterman and Patterson 2009): rate against operations a byte, both logarithmic.</summary>
internal static class RooflinePlot
{
    private const int Width = 1100;
    private const int Height = 700;
    private const double Giga = 1e9;

    /// <summary>Draws and saves a PNG file.</summary>
    public static void Save(string path, IReadOnlyList<RooflinePoint> points, double productRate, double copyRate, string title)
    {
        var plot = new Plot();
        if (PlotFont.Family is { } family)
        {
            plot.Font.Set(family);
        }

        double[] intensities = [.. points.Select(p => p.FlopPerByte), productRate / copyRate];
        var (left, right) = (intensities.Min() / 4, intensities.Max() * 8);
        var ridge = productRate / copyRate;
        double[] corners = [left, ridge, right];
        double[] heights = [.. corners.Select(x => Math.Log10(RooflinePoint.Roof(x, productRate, copyRate) / Giga))];
        var roof = plot.Add.Scatter(Array.ConvertAll(corners, Math.Log10), heights);
        (roof.LineWidth, roof.MarkerSize, roof.Color) = (2, 0, Colors.Black);
        foreach (var (i, point) in points.Index())
        {
            var (x, y) = (Math.Log10(point.FlopPerByte), Math.Log10(point.FlopPerSecond / Giga));
            var marker = plot.Add.Marker(x, y, size: 11);
            marker.Color = plot.Add.Palette.GetColor(i);
            var text = plot.Add.Text(string.Create(CultureInfo.InvariantCulture, $"{point.Name}: {point.OfRoof:0%}"), x, y);
            text.LabelAlignment = Alignment.UpperLeft;
            (text.LabelFontSize, text.OffsetX, text.OffsetY) = (13, 8, 4);
        }

        plot.Axes.Bottom.TickGenerator = Decades(Math.Log10(left), Math.Log10(right));
        var top = Math.Log10(productRate / Giga) + 0.4;
        var bottom = Math.Log10(points.Min(p => p.FlopPerSecond) / Giga) - 0.5;
        plot.Axes.Left.TickGenerator = Decades(bottom, top);
        plot.Axes.SetLimits(Math.Log10(left), Math.Log10(right), bottom, top);
        plot.XLabel("needed operations a byte (FLOP/byte)", 15);
        plot.YLabel("needed operations a second (GFLOP/s)", 15);
        plot.Title(string.Create(
            CultureInfo.InvariantCulture,
            $"{title}: product {productRate / Giga:0} GFLOP/s, copy {copyRate / Giga:0.0} GB/s; share of the roof"), 16);
        PlotFile.Save(path, plot, Width, Height);
    }

    private static NumericManual Decades(double from, double to)
    {
        var ticks = new NumericManual();
        for (var decade = (int)Math.Floor(from); decade <= to; decade++)
        {
            foreach (var digit in new[] { 1, 2, 5 })
            {
                var value = digit * Math.Pow(10, decade);
                ticks.AddMajor(Math.Log10(value), value.ToString("G4", CultureInfo.InvariantCulture));
            }
        }

        return ticks;
    }
}
