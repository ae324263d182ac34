using System.Globalization;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Evaluation.Shifts;
using ScottPlot;
using ScottPlot.Colormaps;
using ScottPlot.MultiplotLayouts;
using ScottPlot.TickGenerators;

namespace ActivationReplay.Ablations.LensReports;

/// <summary>
/// lens.png: KL by layer and entropy bucket, raw (on a logarithmic scale) and normalised layer by layer, side by side
/// (the paper's Figure 3).
/// </summary>
internal static class ShiftPlot
{
    private const int Width = 1600;
    private const int Margins = 170;

    // Rows of cells are this high, in pixels: numbers fit in; deep models get lower ones.
    private const int LargestRow = 44;
    private const int SmallestRow = 22;

    // Colours end at 8 times and an eighth of the mean: log2.
    private const int LargestRatio = 3;

    /// <summary>Draws and saves.</summary>
    /// <param name="path">A PNG file.</param>
    /// <param name="estimates">As <see cref="BucketEstimate.Summarise"/> gives them.</param>
    /// <param name="positions">Which positions they are of, in words.</param>
    public static void Save(string path, IReadOnlyList<BucketEstimate> estimates, string positions)
    {
        var (layers, buckets) = (estimates[^1].Layer + 1, estimates[^1].Bucket + 1);
        var row = Math.Clamp(760 / layers, SmallestRow, LargestRow);
        var figure = new Multiplot { Layout = new Columns() };
        figure.AddPlots(2);

        var raw = Values(estimates, layers, buckets, e => e.Kl.Mean > 0 ? Math.Log10(e.Kl.Mean) : double.NaN);
        var bounds = Bounds(raw, -6, -5);
        Draw(figure.GetPlot(0), new Panel(
            "Shift from base to RLVR", "mean KL(base ‖ rlvr), nats", raw, new Viridis(), bounds, LogScale.Ticks(bounds.Min, bounds.Max, Nats), v => Nats(Math.Pow(10, v))), positions);

        // Ratios: twice and half the mean are equally far from it.
        var normalised = Values(estimates, layers, buckets, e => e.Normalised.Mean > 0 ? Math.Log2(e.Normalised.Mean) : double.NaN);
        var ratios = new ScottPlot.Range(-LargestRatio, LargestRatio);
        Draw(figure.GetPlot(1), new Panel(
            "The same, normalised layer by layer", "KL / mean KL of the layer", normalised, new Diverging(), ratios, RatioTicks(),
            v => Math.Pow(2, v).ToString("0.00", CultureInfo.InvariantCulture)), positions);
        PlotFile.Save(path, figure, Width, Margins + (row * layers));
    }

    private static void Draw(Plot plot, Panel panel, string positions)
    {
        if (PlotFont.Family is { } family)
        {
            plot.Font.Set(family);
        }

        var (layers, buckets) = (panel.Values.GetLength(0), panel.Values.GetLength(1));
        var map = plot.Add.Heatmap(panel.Values);
        (map.Colormap, map.ManualRange, map.FlipVertically) = (panel.Colours, panel.Bounds, true);
        map.NaNCellColor = Colors.LightGray;
        var bar = plot.Add.ColorBar(map);
        bar.Label = panel.Unit;
        bar.LabelStyle.FontSize = 15;
        bar.Axis.TickGenerator = panel.Ticks;
        foreach (var layer in Enumerable.Range(0, layers))
        {
            foreach (var bucket in Enumerable.Range(0, buckets))
            {
                var value = panel.Values[layer, bucket];
                var text = plot.Add.Text(double.IsFinite(value) ? panel.Format(value) : "–", bucket, layer);
                text.LabelAlignment = Alignment.MiddleCenter;
                text.LabelFontSize = 12;
                text.LabelFontColor = Ink(panel.Colours, panel.Bounds, value);
            }
        }

        plot.Axes.Bottom.TickGenerator = new NumericManual(
            [.. Enumerable.Range(0, buckets).Select(b => (double)b)],
            [.. Enumerable.Range(1, buckets).Select(b => b.ToString(CultureInfo.InvariantCulture))]);
        plot.Axes.Left.TickGenerator = new NumericManual(
            [.. Enumerable.Range(0, layers).Select(l => (double)l)],
            [.. Enumerable.Range(0, layers).Select(l => l == layers - 1 ? "out" : l.ToString(CultureInfo.InvariantCulture))]);
        plot.Title(panel.Title, 18);
        plot.XLabel($"base-entropy bucket of {positions} (1 = lowest)", 15);
        plot.YLabel("decoder layer entered by the state", 15);
        plot.HideGrid();
        plot.Axes.SetLimits(-0.5, buckets - 0.5, -0.5, layers - 0.5);
    }

    private static double[,] Values(IReadOnlyList<BucketEstimate> estimates, int layers, int buckets, Func<BucketEstimate, double> value)
    {
        var values = new double[layers, buckets];
        foreach (var estimate in estimates)
        {
            values[estimate.Layer, estimate.Bucket] = value(estimate);
        }

        return values;
    }

    private static ScottPlot.Range Bounds(double[,] values, double low, double high)
    {
        double[] finite = [.. values.Cast<double>().Where(double.IsFinite)];
        return finite.Length > 0 && finite.Max() > finite.Min() ? new(finite.Min(), finite.Max())
            : finite.Length > 0 ? new(finite[0] - 0.5, finite[0] + 0.5)
            : new(low, high);
    }

    private static NumericManual RatioTicks() => new(
        [.. Enumerable.Range(-LargestRatio, (2 * LargestRatio) + 1).Select(p => (double)p)],
        [.. Enumerable.Range(-LargestRatio, (2 * LargestRatio) + 1).Select(p => p < 0 ? $"1/{1 << -p}" : $"{1 << p}")]);

    private static string Nats(double value) =>
        value.ToString(value >= 0.000995 ? "G2" : "0.0e-0", CultureInfo.InvariantCulture);

    private static Color Ink(IColormap colours, ScottPlot.Range bounds, double value)
    {
        var cell = double.IsFinite(value) ? colours.GetColor((value - bounds.Min) / (bounds.Max - bounds.Min)) : Colors.LightGray;
        return (0.299 * cell.R) + (0.587 * cell.G) + (0.114 * cell.B) > 140 ? Colors.Black : Colors.White;
    }

    private sealed record Panel(
        string Title, string Unit, double[,] Values, IColormap Colours, ScottPlot.Range Bounds, NumericManual Ticks, Func<double, string> Format);

    // Blue below, white at the middle, red above.
    private sealed class Diverging() : CustomInterpolated([new(33, 102, 172), new(146, 197, 222), new(247, 247, 247), new(244, 165, 130), new(178, 24, 43)]);
}
