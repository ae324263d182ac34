using System.Globalization;
using System.Xml.Linq;
using static ActivationReplay.Ablations.Reports.Html;

namespace ActivationReplay.Ablations.Reports;

/// <summary>The table of cells. Each heading is a button that sorts by its column.</summary>
internal static class CellTable
{
    // Longer names get a wider column, so that they break between settings.
    private const int LongName = 24;

    private sealed record Column(string Name, string Explained, Func<CellRow, string> Text, Func<CellRow, double?> Key);

    /// <summary>The table, in a box of its own that scrolls on narrow screens.</summary>
    public static XElement Of(RunReport report)
    {
        Column[] columns = [.. Columns(report)];
        return Tag(
            "div",
            "scroll",
            Attribute("tabindex", 0),
            Attribute("role", "region"),
            Attribute("aria-label", "Table of cells"),
            Tag(
                "table",
                report.Cells.Any(c => c.Cell.Length > LongName) ? "cells long sortable" : "cells sortable",
                Tag("thead", null, Tag("tr", null, Head("#", "Number of the cell", true), Head("cell", "Method and settings in which cells differ", false), columns.Select(c => Head(c.Name, c.Explained, true)))),
                Tag("tbody", null, report.Cells.Index().Select(c => Row(c.Index + 1, c.Item, columns)))));
    }

    private static IEnumerable<Column> Columns(RunReport report)
    {
        var cells = report.Cells;
        yield return new(
            "accuracy [95%]", "Share of right answers, with its interval over questions",
            c => Interval(Numbers.Percent(c.Accuracy), Numbers.Fixed(100 * c.AccuracyLow), Numbers.Fixed(100 * c.AccuracyHigh)), c => c.Accuracy);
        if (cells.Any(c => c.ToRlvr is not null))
        {
            yield return new("to RLVR, points [95%]", "Paired difference to RLVR alone", c => Difference(c.ToRlvr), c => c.ToRlvr?.Difference);
            yield return new("better /\u00A0worse", "Questions on which the cell is better and worse than RLVR alone",
                c => c.ToRlvr is { } to ? $"{to.Better} / {to.Worse}" : "", c => c.ToRlvr?.Better - c.ToRlvr?.Worse);
            yield return new("80%\u00A0power from, points", "Smallest difference to RLVR alone that these questions show with 80% power after Holm's correction",
                c => c.ToRlvr is { } to ? Numbers.Fixed(100 * to.Detectable) : "", c => c.ToRlvr?.Detectable);
            yield return new("p\u00A0(Holm)", "Two-sided, corrected over all cells", c => c.ToRlvr is { } to ? Numbers.P(to.Corrected) : "", c => c.ToRlvr?.Corrected);
        }

        if (cells.Any(c => c.ToBase is not null))
        {
            yield return new("to base, points [95%]", "Paired difference to the base model", c => Difference(c.ToBase), c => c.ToBase?.Difference);
        }

        if (cells.Any(c => c.Answers > c.Questions))
        {
            yield return new("coverage", "Share of questions solved at least once", c => Numbers.Percent(c.Coverage), c => c.Coverage);
        }

        yield return new("questions", "Questions with an answer", c => Numbers.Whole(c.Questions), c => c.Questions);
        yield return new("unparsed", "Answers in which no answer was found", c => Numbers.Whole(c.Unparsed), c => c.Unparsed);
        yield return new("errors", "Rows that failed", c => Numbers.Whole(c.Errors), c => c.Errors);
        if (cells.Any(c => c.Diverged > 0))
        {
            yield return new("diverged", "Answers whose loss grew", c => Numbers.Whole(c.Diverged), c => c.Diverged);
        }

        yield return new("tokens", "New tokens an answer, mean", c => Numbers.Fixed(c.NewTokens), c => c.NewTokens);
        yield return new("s\u00A0/\u00A0answer", "Seconds an answer, mean", c => Numbers.Short(c.Times.Total), c => c.Times.Total);
        if (cells.Any(c => c.LossFirst is not null))
        {
            yield return new("loss, first\u00A0→\u00A0last", "Means over answers",
                c => c.LossFirst is null ? "" : $"{Numbers.Short(c.LossFirst)} → {Numbers.Short(c.LossLast)}", c => c.LossLast);
        }
    }

    private static XElement Head(string name, string explained, bool number) => Tag(
        "th",
        number ? "number" : null,
        Attribute("scope", "col"),
        Tag("button", null, Attribute("type", "button"), Attribute("title", explained), name, Tag("span", "arrow", Attribute("aria-hidden", "true"))));

    private static XElement Row(int number, CellRow cell, IEnumerable<Column> columns) => Tag(
        "tr",
        cell.Settings.Method is "base" or "none" ? "baseline" : null,
        Tag("td", "number", Attribute("data-key", number), Numbers.Whole(number)),
        Tag("th", null, Attribute("scope", "row"), cell.Cell),
        columns.Select(c => Tag("td", "number", c.Key(cell) is { } key && double.IsFinite(key)
            ? Attribute("data-key", key.ToString("R", CultureInfo.InvariantCulture))
            : Attribute("data-key", ""), c.Text(cell))));

    private static string Difference(CellComparison? to) =>
        to is null ? "" : Interval(Numbers.Points(to.Difference), Numbers.Points(to.Low), Numbers.Points(to.High));

    private static string Interval(string value, string low, string high) => value == "–" ? value : $"{value} [{low}, {high}]";
}
