using ScottPlot;
using ScottPlot.TickGenerators;

namespace ActivationReplay.Ablations.Reports;

/// <summary>The common layout of all plots of a run: size, font, colours, and the names of cells along an axis.</summary>
internal static class PlotSheet
{
    /// <summary>Pixels on a page.</summary>
    public const int Width = 860;

    /// <summary>Pixels of the file a pixel on the page.</summary>
    public const int Scale = 2;

    /// <summary>Room around a plot's rows, in pixels on a page.</summary>
    public const int Margins = 112;

    /// <summary>
    /// Names of so many curves or points have room at the side; more are told by number, and by colour the method.
    /// </summary>
    public const int MostNames = 16;

    private const int CurveHeight = 440;

    // Longer names go on in a second line.
    private const int LabelLength = 36;

    /// <summary>An empty plot.</summary>
    public static Plot New(PlotTheme theme, string title, string xLabel, string yLabel = "")
    {
        var plot = new Plot { ScaleFactor = Scale };
        plot.FigureBackground.Color = theme.Surface;
        plot.DataBackground.Color = theme.Surface;
        plot.Axes.Color(theme.Muted);
        plot.Grid.MajorLineColor = theme.Grid;
        plot.Axes.Title.Label.ForeColor = theme.Ink;
        plot.Title(title, 16);
        plot.XLabel(xLabel, 13);
        plot.YLabel(yLabel, 13);
        foreach (var label in new[] { plot.Axes.Bottom.Label, plot.Axes.Left.Label })
        {
            (label.Bold, label.ForeColor) = (false, theme.Muted);
        }

        foreach (var axis in new IAxis[] { plot.Axes.Bottom, plot.Axes.Left, plot.Axes.Right })
        {
            axis.TickLabelStyle.FontSize = 12;
            axis.MinorTickStyle.Length = 0;
            if (axis.TickGenerator is NumericAutomatic ticks)
            {
                ticks.TickDensity = 0.6;
            }

            axis.TickLabelStyle.ForeColor = theme.Ink;
        }

        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Legend.BackgroundColor = theme.Surface;
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.FontColor = theme.Ink;
        plot.Legend.FontSize = 12;
        if (PlotFont.Family is { } family)
        {
            plot.Font.Set(family);
        }

        return plot;
    }

    /// <summary>Names rows at y = 0, -1, -2 … on the left, with their values on the right.</summary>
    public static void NameRows(Plot plot, IReadOnlyList<string> names, IReadOnlyList<string> values)
    {
        double[] positions = [.. Enumerable.Range(0, names.Count).Select(i => (double)-i)];
        var (left, right) = (plot.Axes.Left, plot.Axes.Right);
        left.TickGenerator = new NumericManual(positions, [.. names.Select(Wrap)]);
        right.TickGenerator = new NumericManual(positions, [.. values]);
        left.MajorTickStyle.Length = 0;
        right.MajorTickStyle.Length = 0;
        left.FrameLineStyle.Width = 0;
        plot.Axes.SetLimitsY(-names.Count + 0.5, 0.5, left);
        plot.Axes.SetLimitsY(-names.Count + 0.5, 0.5, right);
    }

    /// <summary>The height that such rows need, in pixels on a page.</summary>
    public static int HeightOf(IReadOnlyList<string> names)
    {
        var lines = names.Max(n => Wrap(n).Count(c => c == '\n') + 1);
        return Margins + (names.Count * Math.Max(names.Count <= 6 ? 38 : 26, (lines * 15) + 6));
    }

    /// <summary>The height of a plot of curves or points, whose names, where these have room, stand at the side.</summary>
    public static int HeightBesides(IReadOnlyList<string> names) => names.Count > MostNames
        ? CurveHeight + 100
        : Math.Max(CurveHeight, Margins + names.Sum(n => 6 + (15 * (Wrap(n).Count(c => c == '\n') + 1))));

    /// <summary>Names the methods at the side, each in its colour.</summary>
    public static void NameMethods(Plot plot, PlotTheme theme, IEnumerable<string> methods)
    {
        foreach (var method in methods.Distinct())
        {
            plot.Legend.ManualItems.Add(new LegendItem { LabelText = method, FillColor = theme.Method(method) });
        }
    }

    /// <summary>A cell's name in lines that leave room for data.</summary>
    public static string Wrap(string name)
    {
        var lines = new List<string> { "" };
        foreach (var word in name.Split(' '))
        {
            var line = lines[^1].Length == 0 ? word : $"{lines[^1]} {word}";
            if (line.Length > LabelLength && lines[^1].Length > 0)
            {
                lines.Add(word);
            }
            else
            {
                lines[^1] = line;
            }
        }

        return string.Join('\n', lines);
    }
}
