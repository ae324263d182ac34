using System.Globalization;
using CsvHelper;

namespace ActivationReplay.Tests.Commands;

/// <summary>The tables of a run as text, for byte by byte comparison.</summary>
internal static class RunTablesText
{
    /// <summary>All tables, without the columns that differ from run to run: times and memory.</summary>
    public static string WithoutTimes(string folder) =>
        string.Join("\n\n", new[] { "cells.csv", "passk.csv", "samples.csv", "losses.csv" }.Select(table => WithoutTimes(folder, table)));

    /// <summary>One of them.</summary>
    public static string WithoutTimes(string folder, string table)
    {
        using var reader = new CsvReader(File.OpenText(Path.Combine(folder, table)), CultureInfo.InvariantCulture);
        using var text = new StringWriter();
        using var writer = new CsvWriter(text, CultureInfo.InvariantCulture);
        int[]? kept = null;
        while (reader.Read())
        {
            kept ??= [.. Enumerable.Range(0, reader.ColumnCount).Where(c =>
                !reader.GetField(c)!.StartsWith("seconds_", StringComparison.Ordinal) && reader.GetField(c) != "memory_peak")];
            foreach (var column in kept)
            {
                writer.WriteField(reader.GetField(column));
            }

            writer.NextRecord();
        }

        writer.Flush();
        return text.ToString().Replace("\r\n", "\n", StringComparison.Ordinal);
    }
}
