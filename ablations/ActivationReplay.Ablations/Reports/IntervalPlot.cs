using ScottPlot;

namespace ActivationReplay.Ablations.Reports;

/// <summary>A value with its interval, in a row of its own.</summary>
/// <param name="Cell">The row's name.</param>
/// <param name="Method">The method, which determines the colour.</param>
/// <param name="Value">In per cent or points; NaN is drawn as no answer.</param>
/// <param name="Low">The lower end of the interval.</param>
/// <param name="High">The upper end of the interval.</param>
/// <param name="Filled">Whether the marker is filled.</param>
/// <param name="Text">The numbers in words.</param>
internal sealed record IntervalRow(string Cell, string Method, double Value, double Low, double High, bool Filled, string Text);

/// <summary>Cells in rows, each with a value and its 95% interval: accuracy, and the difference to RLVR.</summary>
internal static class IntervalPlot
{
    private const double Level = 0.05;

    /// <summary>Accuracy by cell; null where no cell has an answer.</summary>
    public static Figure? Accuracy(RunReport report) => Of(
        "accuracy",
        "Accuracy by cell",
        "Share of right answers with its 95% interval, bootstrapped over questions.",
        "right answers, %",
        [
            .. report.Cells.Select(c => new IntervalRow(
                c.Cell, c.Settings.Method, 100 * c.Accuracy, 100 * c.AccuracyLow, 100 * c.AccuracyHigh, true,
                double.IsNaN(c.Accuracy) ? "no answer" : $"{Numbers.Percent(c.Accuracy)}  [{Numbers.Fixed(100 * c.AccuracyLow)}, {Numbers.Fixed(100 * c.AccuracyHigh)}]")),
        ],
        zero: false);

    /// <summary>Paired difference to RLVR; null where no cell is compared with it.</summary>
    public static Figure? Difference(RunReport report) => Of(
        "difference",
        "Difference to RLVR alone",
        "Accuracy less that of RLVR on the same questions, with the 95% interval of the paired bootstrap. "
            + "A filled marker has p < 0.05 after Holm's correction over all cells.",
        "difference in right answers, percentage points",
        [
            .. report.Cells.Where(c => c.ToRlvr is not null).Select(c => new IntervalRow(
                c.Cell, c.Settings.Method, 100 * c.ToRlvr!.Difference!.Value, 100 * c.ToRlvr.Low!.Value, 100 * c.ToRlvr.High!.Value,
                c.ToRlvr.Corrected < Level,
                $"{Numbers.Points(c.ToRlvr.Difference)}  [{Numbers.Points(c.ToRlvr.Low)}, {Numbers.Points(c.ToRlvr.High)}]")),
        ],
        zero: true);

    /// <summary>Rows with their intervals; null where none has a value.</summary>
    /// <param name="name">The file's name, without extension.</param>
    /// <param name="title">What it shows.</param>
    /// <param name="caption">How to read it.</param>
    /// <param name="axis">The values' name and unit.</param>
    /// <param name="rows">The rows, from the top.</param>
    /// <param name="zero">Whether 0 has a line and a place on the axis.</param>
    public static Figure? Of(
        string name, string title, string caption, string axis, IReadOnlyList<IntervalRow> rows, bool zero)
    {
        if (!rows.Any(r => double.IsFinite(r.Value)))
        {
            return null;
        }

        var height = PlotSheet.HeightOf([.. rows.Select(r => r.Cell)]);
        return new Figure(name, title, caption, height, theme => Plot(theme, title, axis, rows, zero));
    }

    private static Plot Plot(PlotTheme theme, string title, string axis, IReadOnlyList<IntervalRow> rows, bool zero)
    {
        var plot = PlotSheet.New(theme, title, axis);
        if (zero)
        {
            plot.Add.VerticalLine(0, 1.5f, theme.Muted);
        }

        foreach (var (i, row) in rows.Index().Where(r => double.IsFinite(r.Item.Value)))
        {
            var colour = theme.Method(row.Method);
            plot.Add.Line(row.Low, -i, row.High, -i).LineStyle = new LineStyle(2.5f, colour);
            var marker = plot.Add.Marker(row.Value, -i, MarkerShape.FilledCircle, 11, colour);
            (marker.MarkerStyle.FillColor, marker.MarkerStyle.OutlineColor, marker.MarkerStyle.OutlineWidth) =
                (row.Filled ? colour : theme.Surface, colour, 2);
        }

        double[] ends = [.. rows.SelectMany(r => new[] { r.Low, r.High }).Where(double.IsFinite), .. zero ? [0.0] : Array.Empty<double>()];
        var room = Math.Max(1, 0.06 * (ends.Max() - ends.Min()));
        plot.Axes.SetLimitsX(ends.Min() - room, ends.Max() + room);
        PlotSheet.NameRows(plot, [.. rows.Select(r => r.Cell)], [.. rows.Select(r => r.Text)]);
        plot.Grid.YAxisStyle.IsVisible = false;
        return plot;
    }
}
