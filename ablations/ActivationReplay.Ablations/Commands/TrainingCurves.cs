using System.Globalization;
using ActivationReplay.Ablations.Reports;
using ScottPlot;
using ScottPlot.MultiplotLayouts;

namespace ActivationReplay.Ablations.Commands;

/// <summary>A stage's CSV as a picture: a panel a column over the steps, raw and smoothed.</summary>
internal static class TrainingCurves
{
    private const int PanelWidth = 800;
    private const int PanelHeight = 360;

    // The smoothed line is a mean over a fiftieth of the steps; so few raw values get markers.
    private const int Windows = 50;

    /// <summary>Draws every CSV of a run's folder beside it.</summary>
    public static void SaveAll(string folder)
    {
        foreach (var csv in Directory.EnumerateFiles(folder, "*.csv"))
        {
            Save(csv, Path.ChangeExtension(csv, ".png"));
        }
    }

    private static void Save(string csv, string png)
    {
        var lines = File.ReadAllLines(csv);
        if (lines.Length < 2)
        {
            return;
        }

        var names = lines[0].Split(',');
        double[][] rows = [.. lines.Skip(1).Select(l => l.Split(',').Select(c => double.Parse(c, CultureInfo.InvariantCulture)).ToArray())];
        int[] columns = [.. Enumerable.Range(1, names.Length - 1).Where(c => names[c] != "seconds")];
        double[] steps = [.. rows.Select(r => r[0])];
        var across = Math.Min(2, columns.Length);
        var down = (columns.Length + across - 1) / across;
        var figure = new Multiplot { Layout = new Grid(down, across) };
        figure.AddPlots(columns.Length);
        foreach (var (panel, column) in columns.Index())
        {
            Draw(figure.GetPlot(panel), names[column].Replace('_', ' '), steps, [.. rows.Select(r => r[column])]);
        }

        PlotFile.Save(png, figure, across * PanelWidth, down * PanelHeight);
    }

    private static void Draw(Plot plot, string name, double[] steps, double[] values)
    {
        if (PlotFont.Family is { } family)
        {
            plot.Font.Set(family);
        }

        var raw = plot.Add.Scatter(steps, values);
        (raw.LineWidth, raw.Color, raw.MarkerSize) = (1, Colors.SteelBlue.WithAlpha(0.35), values.Length <= Windows ? 5 : 0);
        var line = plot.Add.Scatter(steps, Smooth(values));
        (line.LineWidth, line.Color, line.MarkerSize) = (2, Colors.DarkBlue, 0);
        plot.Title(name, 16);
        plot.XLabel("step", 13);
    }

    private static double[] Smooth(double[] values)
    {
        var half = values.Length / Windows / 2;
        return
        [
            .. values.Select((_, i) =>
                values[Math.Max(0, i - half)..Math.Min(values.Length, i + half + 1)].Average()),
        ];
    }
}
