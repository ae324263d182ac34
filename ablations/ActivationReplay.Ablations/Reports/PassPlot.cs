namespace ActivationReplay.Ablations.Reports;

/// <summary>pass@k over k, on a logarithmic axis.</summary>
internal static class PassPlot
{
    /// <summary>The figure; null with one answer a question, where pass@1 is the accuracy.</summary>
    public static Figure? Of(RunReport report)
    {
        var passes = report.Passes.ToLookup(p => p.Cell);
        Curve[] curves =
        [
            .. report.Cells.Index().Where(c => passes[c.Item.Cell].Count() > 1).Select(c => new Curve(
                c.Index + 1,
                c.Item.Cell,
                c.Item.Settings.Method,
                [
                    .. passes[c.Item.Cell].OrderBy(p => p.K)
                        .Select(p => new CurvePoint(Math.Log2(p.K), 100 * p.Pass, 100 * p.Low, 100 * p.High)),
                ])),
        ];
        if (curves.Length == 0)
        {
            return null;
        }

        const string Title = "pass@k";
        var marks = Powers(report.Passes.Max(p => p.K)).ToList();
        var drawing = new CurvePlot(curves, log: false);
        return new Figure(
            "pass-at-k",
            Title,
            "Share of questions solved at least once in k answers: the unbiased estimate. Bands are 95% intervals, bootstrapped over "
                + $"questions.{drawing.Reading}",
            drawing.Height,
            theme =>
            {
                var plot = PlotSheet.New(theme, Title, "k, answers a question", "solved, %");
                drawing.AddTo(plot, theme, marks, k => Math.Log2(k));
                return plot;
            });
    }

    // 1, 2, 4 … and the last k, unless it would stand on the power before it.
    private static IEnumerable<int> Powers(int largest)
    {
        var k = 1;
        for (; k < largest; k *= 2)
        {
            if (k < 0.8 * largest)
            {
                yield return k;
            }
        }

        yield return largest;
    }
}
