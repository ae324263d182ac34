using ActivationReplay.Ablations.Reports;

namespace ActivationReplay.Ablations.Tables;

/// <summary>A row's gains over benchmarks, in percentage points.</summary>
/// <param name="Name">The row's name.</param>
/// <param name="Method">Its method, which determines the colour.</param>
/// <param name="Values">One a benchmark; null where there is none.</param>
/// <param name="IsPublished">Whether others measured them.</param>
internal sealed record GainCurve(string Name, string Method, IReadOnlyList<double?> Values, bool IsPublished);

/// <summary>The gains of methods over benchmarks, as in figure 1 of the paper: a radar plot of three or more, else rows with intervals.</summary>
internal static class GainFigure
{
    // More outlines would hide each other.
    private const int MostCurves = 8;
    private const int FewestSpokes = 3;
    private const double Level = 0.05;

    /// <summary>The file's name.</summary>
    public const string FileName = Name + ".png";

    private const string Name = "gains";
    private const string Title = "Gain to RLVR alone";

    /// <summary>The plot; null where no row is compared with RLVR.</summary>
    public static Figure? Of(JoinedRuns joined)
    {
        var rows = joined.Rows.Where(r => r.Method is not ("base" or "none") && r.Cells.Any(c => c.Gain is not null)).ToList();
        var outlined = rows.Where(r => r.Cells.Count(c => c.Gain is not null) >= FewestSpokes).Take(MostCurves).ToList();
        return rows.Count == 0 ? null : outlined.Count == 0 ? Intervals(joined, rows) : Radar(joined, outlined, [.. rows.Except(outlined).Select(r => $"'{LabelOf(rows, r)}'")]);
    }

    private static Figure Radar(JoinedRuns joined, List<JoinedRow> rows, IReadOnlyList<string> left)
    {
        var curves = rows.SelectMany(r => new[]
        {
            new GainCurve(LabelOf(rows, r), r.Method, [.. r.Cells.Select(c => 100 * c.Gain)], false),
            new GainCurve(LabelOf(rows, r), r.Method, [.. r.Cells.Select(c => 100 * c.PublishedGain)], true),
        }).Where(c => c.Values.Any(v => v is not null)).ToList();
        return new Figure(
            Name,
            Title,
            $"{joined.Measure} less that of RLVR alone on the same questions, in percentage points, by benchmark. The dotted ring is no gain; an outline has a gap where a benchmark is missing."
                + (curves.Exists(c => c.IsPublished) ? " Dashed outlines are published gains." : "")
                + (left.Count > 0 ? $" Left out, for want of room or of {FewestSpokes} benchmarks: {string.Join("; ", left)}." : ""),
            RadarPlot.Height,
            theme => RadarPlot.Draw(theme, $"{Title}, points", joined.Benchmarks, curves));
    }

    private static Figure? Intervals(JoinedRuns joined, List<JoinedRow> rows) => IntervalPlot.Of(
        Name,
        Title,
        $"{joined.Measure} less that of RLVR alone on the same questions, with the 95% interval of the paired bootstrap"
            + (joined.Measure == "accuracy" ? "; a filled marker has p < 0.05 after Holm's correction over the cells of its run" : "")
            + $". A radar plot needs {FewestSpokes} benchmarks of a row.",
        "difference, percentage points",
        [
            .. rows.SelectMany(r => r.Cells.Where(c => c.Gain is not null).Select(c => new IntervalRow(
                joined.Benchmarks.Count == 1 ? LabelOf(rows, r) : $"{LabelOf(rows, r)} on {c.Benchmark}",
                r.Method,
                100 * c.Gain!.Value,
                100 * (c.GainLow ?? c.Gain.Value),
                100 * (c.GainHigh ?? c.Gain.Value),
                c.GainP < Level,
                $"{Numbers.Points(c.Gain)}  [{Numbers.Points(c.GainLow)}, {Numbers.Points(c.GainHigh)}]"))),
        ],
        zero: true);

    private static string LabelOf(List<JoinedRow> rows, JoinedRow row) =>
        rows.Exists(r => r.Pair != row.Pair) ? $"{row.Label}, {row.Pair}" : row.Label;
}
