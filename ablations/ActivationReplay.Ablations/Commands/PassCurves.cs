using System.Globalization;
using ActivationReplay.Ablations.Reports;
using ScottPlot;
using ScottPlot.MultiplotLayouts;
using ScottPlot.TickGenerators;

namespace ActivationReplay.Ablations.Commands;

/// <summary>
/// passk.png of <c>evaluate</c>: pass@k of base and RLVR over k, and their paired difference, with 95% intervals; a line style
/// a draw of answers.
/// </summary>
internal static class PassCurves
{
    private const int Width = 1500;
    private const int Height = 560;

    private static readonly LinePattern[] s_patterns = [LinePattern.Solid, LinePattern.Dashed, LinePattern.Dotted, LinePattern.DenselyDashed];

    /// <summary>Draws and saves.</summary>
    /// <param name="path">A PNG file.</param>
    /// <param name="draws">The rows of each draw, with the seed of its answers.</param>
    public static void Save(string path, IReadOnlyList<(ulong Draw, IReadOnlyList<PassRow> Rows)> draws)
    {
        var figure = new Multiplot { Layout = new Columns() };
        figure.AddPlots(2);
        var (curves, differences) = (Prepare(figure.GetPlot(0), "pass@k", "share solved"), Prepare(figure.GetPlot(1), "RLVR − base, paired", "difference"));
        differences.Add.HorizontalLine(0, 1, Colors.Gray);
        foreach (var (place, (draw, all)) in draws.Index())
        {
            var pattern = s_patterns[place % s_patterns.Length];
            PassRow[] rows = [.. all.Where(r => r is { Family: "all", K: not null })];
            var name = string.Create(CultureInfo.InvariantCulture, $"draw {draw}");
            Draw(curves, $"base, {name}", Colors.SteelBlue, pattern, rows, r => (r.Base, r.BaseLow, r.BaseHigh));
            Draw(curves, $"RLVR, {name}", Colors.OrangeRed, pattern, rows, r => (r.Rlvr, r.RlvrLow, r.RlvrHigh));
            Draw(differences, name, Colors.Black, pattern, rows, r => (r.Difference, r.DifferenceLow, r.DifferenceHigh));
        }

        curves.ShowLegend(Alignment.LowerRight);
        differences.ShowLegend(Alignment.LowerLeft);
        figure.SavePng(path, Width, Height);
    }

    private static Plot Prepare(Plot plot, string title, string unit)
    {
        if (PlotFont.Family is { } family)
        {
            plot.Font.Set(family);
        }

        plot.Title(title, 18);
        plot.XLabel("k, answers", 15);
        plot.YLabel(unit, 15);
        return plot;
    }

    private static void Draw(
        Plot plot, string name, Color colour, LinePattern pattern, PassRow[] rows, Func<PassRow, (double Mean, double Low, double High)> value)
    {
        double[] places = [.. rows.Select(r => Math.Log2(r.K!.Value))];
        var band = plot.Add.FillY(places, [.. rows.Select(r => value(r).Low)], [.. rows.Select(r => value(r).High)]);
        (band.FillStyle.Color, band.LineStyle.Width) = (colour.WithAlpha(0.12), 0);
        var line = plot.Add.Scatter(places, rows.Select(r => value(r).Mean).ToArray());
        (line.LineWidth, line.Color, line.LinePattern, line.MarkerSize, line.LegendText) = (2, colour, pattern, 5, name);
        plot.Axes.Bottom.TickGenerator = new NumericManual(
            places, [.. rows.Select(r => r.K!.Value.ToString(CultureInfo.InvariantCulture))]);
    }
}
