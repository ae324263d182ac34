using System.Globalization;
using System.Reflection;
using System.Xml.Linq;
using CsvHelper.Configuration.Attributes;
using static ActivationReplay.Ablations.Reports.Html;

namespace ActivationReplay.Ablations.Reports;

/// <summary>All that cells.csv has on a cell, folded up, under the names of its columns.</summary>
internal static class CellDetails
{
    /// <summary>A fold a cell.</summary>
    public static IEnumerable<XElement> Of(RunReport report) => report.Cells.Index().Select(c => Tag(
        "details",
        null,
        Tag("summary", null, Tag("span", "index", Numbers.Whole(c.Index + 1)), c.Item.Cell),
        Tag("div", "columns", List("Settings", c.Item.Settings.Given()), List("Time and memory, means an answer", Values(c.Item.Times)))));

    private static XElement List(string title, IEnumerable<(string Name, string Value)> values) => Tag(
        "div",
        null,
        Tag("h4", null, title),
        Tag("dl", null, values.Select(v => new[] { Tag("dt", null, v.Name), Tag("dd", null, v.Value) })));

    private static IEnumerable<(string Name, string Value)> Values(object record) =>
        from property in record.GetType().GetProperties()
        let name = property.GetCustomAttribute<NameAttribute>()
        where name is not null
        let value = property.GetValue(record)
        where value is not null
        select (name.Names[0], Text(name.Names[0], value));

    private static string Text(string name, object value) => value switch
    {
        long bytes when name == "memory_peak" => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0} MiB"),
        double number when name.StartsWith("seconds", StringComparison.Ordinal) => $"{Numbers.Short(number)} s",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
