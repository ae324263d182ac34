using System.Globalization;
using ScottPlot;

namespace ActivationReplay.Ablations.Reports;

/// <summary>pass@k over k, on a logarithmic axis: of a run's cells, and of a pair's draws of answers.</summary>
internal static class PassPlot
{
    private const string Title = "pass@k";

    private static readonly LinePattern[] s_draws = [LinePattern.Solid, LinePattern.Dashed, LinePattern.Dotted, LinePattern.DenselyDashed];

    /// <summary>The figure of a run; null with one answer a question, where pass@1 is the accuracy.</summary>
    public static Figure? Of(RunReport report)
    {
        var passes = report.Passes.ToLookup(p => p.Cell);
        Curve[] curves =
        [
            .. report.Cells.Index().Where(c => passes[c.Item.Cell].Count() > 1).Select(c => new Curve(
                c.Index + 1,
                c.Item.Cell,
                c.Item.Settings.Method,
                [.. passes[c.Item.Cell].OrderBy(p => p.K).Select(p => Point(p.K, p.Pass, p.Low, p.High))])),
        ];
        return curves.Length == 0 ? null : Draw(
            "pass-at-k",
            Title,
            "Share of questions solved at least once in k answers: the unbiased estimate. Bands are 95% intervals, bootstrapped over "
                + "questions.",
            "solved, %",
            curves,
            report.Passes.Max(p => p.K));
    }

    /// <summary>
    /// base and RLVR, and their paired difference, over all questions; a line pattern a draw of answers. None with one answer a
    /// question.
    /// </summary>
    /// <param name="draws">The rows of each draw, with the seed of its answers.</param>
    public static IReadOnlyList<Figure> Of(IReadOnlyList<(ulong Draw, IReadOnlyList<PassRow> Rows)> draws)
    {
        var all = draws.Select((d, i) => (
            Name: string.Create(CultureInfo.InvariantCulture, $"draw {d.Draw}"),
            Pattern: s_draws[i % s_draws.Length],
            Rows: d.Rows.Where(r => r is { Family: "all", K: not null }).ToList())).ToList();
        var largest = all.Max(d => d.Rows.Max(r => r.K!.Value));
        if (largest == 1)
        {
            return [];
        }

        List<Curve> models =
        [
            .. Curves("base", "base, ", r => Point(r.K!.Value, r.Base, r.BaseLow, r.BaseHigh)),
            .. Curves("none", "RLVR, ", r => Point(r.K!.Value, r.Rlvr, r.RlvrLow, r.RlvrHigh)),
        ];
        var differences = Curves("none", "", r => Point(r.K!.Value, r.Difference, r.DifferenceLow, r.DifferenceHigh));
        return
        [
            Draw("passk", Title, "", "solved, %", models, largest),
            Draw("passk-difference", "RLVR less base, paired by question", "", "difference, points", differences, largest),
        ];

        List<Curve> Curves(string method, string of, Func<PassRow, CurvePoint> point) =>
            [.. all.Select((d, i) => new Curve(i + 1, of + d.Name, method, [.. d.Rows.Select(point)], d.Pattern))];
    }

    private static CurvePoint Point(int k, double mean, double low, double high) => new(Math.Log2(k), 100 * mean, 100 * low, 100 * high);

    private static Figure Draw(string name, string title, string caption, string unit, IReadOnlyList<Curve> curves, int largest)
    {
        var marks = Powers(largest).ToList();
        var drawing = new CurvePlot(curves, log: false);
        return new Figure(name, title, caption + drawing.Reading, drawing.Height, theme =>
        {
            var plot = PlotSheet.New(theme, title, "k, answers a question", unit);
            plot.Add.HorizontalLine(0, 1, theme.Muted);
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
