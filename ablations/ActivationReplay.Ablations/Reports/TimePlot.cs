using ActivationReplay.Ablations.Storage;
using ScottPlot;

namespace ActivationReplay.Ablations.Reports;

/// <summary>Where an answer's seconds go, a stacked bar a cell.</summary>
internal static class TimePlot
{
    private static readonly (string Name, int Series, Func<SampleTimes, double?> Seconds)[] Parts =
    [
        ("vision", 5, t => t.Vision),
        ("recording", 0, t => t.Recording),
        ("loop", 1, t => t.Loop),
        ("prefill", 4, t => t.Prefill),
        ("decode", 2, t => t.Decode),
    ];

    /// <summary>The figure; null where nothing was measured.</summary>
    public static Figure? Of(RunReport report)
    {
        CellRow[] cells = [.. report.Cells.Where(c => c.Times.Total > 0)];
        if (cells.Length == 0)
        {
            return null;
        }

        const string Title = "Where the time goes";
        var height = PlotSheet.HeightOf([.. cells.Select(c => c.Cell)]) + 24;
        return new Figure(
            "time",
            Title,
            "Mean seconds an answer. Work that cells share (vision, recording) counts whole in each cell that uses it; "
                + "what runs as one batch (loop, prefill, decode) counts in equal shares.",
            height,
            theme => Plot(theme, Title, cells));
    }

    private static Plot Plot(PlotTheme theme, string title, IReadOnlyList<CellRow> cells)
    {
        var plot = PlotSheet.New(theme, title, "seconds an answer");
        foreach (var (i, cell) in cells.Index())
        {
            var start = 0.0;
            foreach (var (_, series, seconds) in Parts)
            {
                var end = start + (seconds(cell.Times) ?? 0);
                plot.Add.Bar(new Bar
                {
                    Position = -i,
                    ValueBase = start,
                    Value = end,
                    Size = 0.62,
                    Orientation = Orientation.Horizontal,
                    FillColor = theme.Series[series],
                    LineWidth = 0,
                });
                start = end;
            }
        }

        foreach (var (name, series, _) in Parts)
        {
            plot.Legend.ManualItems.Add(new LegendItem { LabelText = name, FillColor = theme.Series[series] });
        }

        plot.Legend.Orientation = Orientation.Horizontal;
        plot.ShowLegend(Edge.Top);
        plot.Axes.SetLimitsX(0, 1.03 * cells.Max(c => c.Times.Total!.Value));
        PlotSheet.NameRows(plot, [.. cells.Select(c => c.Cell)], [.. cells.Select(c => $"{Numbers.Short(c.Times.Total)} s")]);
        plot.Grid.YAxisStyle.IsVisible = false;
        return plot;
    }
}
