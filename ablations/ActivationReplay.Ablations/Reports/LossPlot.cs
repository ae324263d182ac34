using MathNet.Numerics.Statistics;

namespace ActivationReplay.Ablations.Reports;

/// <summary>The loss before each step, the mean over questions.</summary>
internal static class LossPlot
{
    private const double Normal95 = 1.959963984540054;

    /// <summary>The figure; null where no cell optimises.</summary>
    public static Figure? Of(RunReport report)
    {
        var losses = report.Losses.Where(l => double.IsFinite(l.Loss)).ToLookup(l => l.Cell);
        Curve[] curves =
        [
            .. report.Cells.Index().Where(c => losses.Contains(c.Item.Cell)).Select(c => new Curve(
                c.Index + 1,
                c.Item.Cell,
                c.Item.Settings.Method,
                [.. losses[c.Item.Cell].GroupBy(l => l.Step).OrderBy(s => s.Key).Select(s => Mean(s.Key, [.. s.Select(l => l.Loss)]))])),
        ];
        var last = curves.SelectMany(c => c.Points).Select(p => (int)p.X).DefaultIfEmpty(0).Max();
        if (last == 0)
        {
            return null;
        }

        const string Title = "Loss of the optimisation";
        var log = LogScale.Helps([.. curves.SelectMany(c => c.Points).Select(p => p.Y)]);
        var drawing = new CurvePlot(curves, log);
        return new Figure(
            "loss",
            Title,
            "Mean over questions before each step, with its 95% interval where curves are few. Losses of KL methods are nats a "
                + $"learnable token.{drawing.Reading}",
            drawing.Height,
            theme =>
            {
                var plot = PlotSheet.New(theme, Title, "step", log ? "loss (logarithmic)" : "loss");
                drawing.AddTo(plot, theme, [.. Steps(last)], s => s);
                return plot;
            });
    }

    private static CurvePoint Mean(int step, IReadOnlyList<double> losses)
    {
        var mean = losses.Average();
        var half = losses.Count > 1 ? Normal95 * losses.StandardDeviation() / Math.Sqrt(losses.Count) : 0;
        return new CurvePoint(step, mean, mean - half, mean + half);
    }

    // At most ten marks, at round numbers.
    private static IEnumerable<int> Steps(int last)
    {
        var every = new[] { 1, 2, 5, 10, 20, 50, 100, 200, 500 }.First(e => last / e <= 10 || e == 500);
        for (var step = 0; step <= last; step += every)
        {
            yield return step;
        }

        if (last % every != 0 && last % every >= every / 2.0)
        {
            yield return last;
        }
    }
}
