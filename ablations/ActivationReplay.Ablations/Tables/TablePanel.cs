using ActivationReplay.Ablations.Reports;

namespace ActivationReplay.Ablations.Tables;

/// <summary>What a line of a panel is.</summary>
internal enum LineKind
{
    /// <summary>The name of a pair, above its rows.</summary>
    Pair,

    /// <summary>One's own numbers.</summary>
    Own,

    /// <summary>Published numbers of the line above.</summary>
    Published,

    /// <summary>What the line above was made of.</summary>
    Part,
}

/// <summary>A line: its name, and a text a column.</summary>
internal sealed record PanelLine(LineKind Kind, string Label, IReadOnlyList<string> Texts);

/// <summary>A part of the joined table as people read it: in per cent or percentage points, with one decimal.</summary>
/// <param name="Title">What its numbers are.</param>
/// <param name="Columns">The benchmarks, and the average where a row has one.</param>
/// <param name="Lines">The lines, pair after pair.</param>
internal sealed record TablePanel(string Title, IReadOnlyList<string> Columns, IReadOnlyList<PanelLine> Lines)
{
    private const string None = "–";

    /// <summary>Marks numbers of runs that lack answers.</summary>
    public const string Partial = "†";


    /// <summary>The values, and the gains where there are any.</summary>
    public static IReadOnlyList<TablePanel> Of(JoinedRuns joined)
    {
        var measure = joined.Measure == "accuracy" ? "accuracy (of graded answers, mean score)" : joined.Measure;
        var values = new TablePanel(
            $"{measure}, % [95%]",
            Titles(joined),
            LinesOf(joined, joined.Rows, c => Text(c, c.Value, c.Low, c.High, Percent), c => c.Published is { } p ? Percent(p) : null));
        var gaining = joined.Rows.Where(r => r.Cells.Any(c => c.Gain is not null)).ToList();
        return gaining.Count == 0
            ? [values]
            :
            [
                values,
                new TablePanel(
                    "gain to RLVR alone, points [95%]",
                    Titles(joined),
                    LinesOf(joined, gaining, c => Text(c, c.Gain, c.GainLow, c.GainHigh, Numbers.Points), c => c.PublishedGain is { } p ? Numbers.Points(p) : null)),
            ];
    }

    private static IReadOnlyList<string> Titles(JoinedRuns joined) => HasAverage(joined) ? [.. joined.Benchmarks, JoinedCell.AverageName] : joined.Benchmarks;

    private static bool HasAverage(JoinedRuns joined) => joined.Rows.Any(r => r.Average is not null);

    private static List<PanelLine> LinesOf(
        JoinedRuns joined, IReadOnlyList<JoinedRow> rows, Func<JoinedCell, string> own, Func<JoinedCell, string?> published)
    {
        var lines = new List<PanelLine>();
        foreach (var pair in rows.GroupBy(r => r.Pair))
        {
            lines.Add(new PanelLine(LineKind.Pair, pair.Key, []));
            foreach (var row in pair)
            {
                List<JoinedCell?> cells = [.. row.Cells];
                if (HasAverage(joined))
                {
                    cells.Add(row.Average);
                }

                lines.Add(new PanelLine(LineKind.Own, row.Label, [.. cells.Select(c => c is null ? None : own(c))]));
                if (cells.Any(c => c is not null && published(c) is not null))
                {
                    lines.Add(new PanelLine(LineKind.Published, $"{row.Label}, published", [.. cells.Select(c => c is null ? None : published(c) ?? None)]));
                }
            }
        }

        return lines;
    }

    private static string Percent(double? value) => Numbers.Fixed(100 * value);

    private static string Text(JoinedCell cell, double? value, double? low, double? high, Func<double?, string> text) => value is null
        ? None
        : $"{text(value)} [{text(low)}, {text(high)}]{(cell.IsComplete ? "" : Partial)}";
}
