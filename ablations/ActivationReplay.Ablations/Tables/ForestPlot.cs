using ActivationReplay.Ablations.Reports;
using ScottPlot;

namespace ActivationReplay.Ablations.Tables;

/// <summary>The forest plot of pooled runs: a square a run, as large as its weight, and below them a diamond, as wide as the pooled interval.</summary>
internal static class ForestPlot
{
    /// <summary>The file's name.</summary>
    public const string FileName = Name + ".png";

    private const string Name = "forest";
    private const string Title = "Difference to RLVR alone, over runs";

    // Of a diamond, in rows; of the square of a run with all the weight, and with none, in pixels.
    private const double HalfHeight = 0.32;
    private const float Largest = 17;
    private const float Least = 5;

    /// <summary>The plot.</summary>
    public static Figure Of(PooledRuns pooled)
    {
        List<Row> rows = [.. pooled.Cells.SelectMany(c => c.Runs.Select(r => Row.Of(c.Cell, r)).Append(Row.Of(c.Cell)))];
        return new Figure(
            Name,
            Title,
            $"{pooled.Measure} less that of RLVR alone on the same questions, with 95% intervals. A square is a run, as large as its weight; a diamond is the mean by the random-effects model, as wide as its interval.",
            PlotSheet.HeightOf([.. rows.Select(r => r.Label)]),
            theme => Draw(theme, rows));
    }

    private static Plot Draw(PlotTheme theme, List<Row> rows)
    {
        var plot = PlotSheet.New(theme, Title, "difference, percentage points");
        plot.Add.VerticalLine(0, 1.5f, theme.Muted);
        foreach (var (i, row) in rows.Index())
        {
            var colour = theme.Method(row.Method);
            if (row.Weight is { } weight)
            {
                plot.Add.Line(row.Low, -i, row.High, -i).LineStyle = new LineStyle(2, colour);
                plot.Add.Marker(row.Value, -i, MarkerShape.FilledSquare, Least + ((Largest - Least) * (float)Math.Sqrt(weight)), colour);
            }
            else
            {
                var diamond = plot.Add.Polygon(
                [
                    new Coordinates(row.Low, -i), new Coordinates(row.Value, -i + HalfHeight), new Coordinates(row.High, -i), new Coordinates(row.Value, -i - HalfHeight),
                ]);
                (diamond.FillColor, diamond.LineColor, diamond.LineWidth) = (colour, theme.Ink, 1);
                plot.Add.HorizontalLine(-i - 0.5, 1, theme.Grid);
            }
        }

        // A pooled interval of two runs can be so wide that theirs could not be seen: it is cut at twice their room.
        var own = rows.Where(r => r.Weight is not null).ToList();
        var (low, high) = (Math.Min(0, own.Min(r => r.Low)), Math.Max(0, own.Max(r => r.High)));
        var width = Math.Max(1, high - low);
        plot.Axes.SetLimitsX(
            Math.Max(low - width, rows.Min(r => r.Low)) - (0.06 * width),
            Math.Min(high + width, rows.Max(r => r.High)) + (0.06 * width));
        PlotSheet.NameRows(plot, [.. rows.Select(r => r.Label)], [.. rows.Select(r => r.Text)]);
        plot.Grid.YAxisStyle.IsVisible = false;
        return plot;
    }

    // In percentage points; the weight is null of a pooled difference.
    private sealed record Row(string Label, string Method, double Value, double Low, double High, double? Weight, string Text)
    {
        public static Row Of(PooledCell cell) => new(
            $"{cell.Cell}, {Numbers.Whole(cell.Runs)} runs", cell.Method, 100 * cell.Difference, 100 * cell.Low, 100 * cell.High, null,
            PooledPanel.Interval(cell.Difference, cell.Low, cell.High));

        public static Row Of(PooledCell cell, PooledRun run) => new(
            run.Run, cell.Method, 100 * run.Difference, 100 * run.Low, 100 * run.High, run.Weight,
            PooledPanel.Interval(run.Difference, run.Low, run.High));
    }
}
