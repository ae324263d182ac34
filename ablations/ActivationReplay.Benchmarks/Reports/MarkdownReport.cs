using System.Globalization;
using System.Text;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Files;

namespace ActivationReplay.Benchmarks.Reports;

/// <summary>A table in Markdown, with the machine and the command that made it above.</summary>
internal static class MarkdownReport
{
    /// <summary>Writes the file.</summary>
    /// <param name="path">A file of Markdown.</param>
    /// <param name="options">What was measured.</param>
    /// <param name="command">The command that measures it again.</param>
    /// <param name="header">Columns.</param>
    /// <param name="rows">Cells.</param>
    public static void Write(
        string path, MeasureOptions options, string command, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{MachineDescription.Of(options)}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"`{MachineDescription.CommandLine(options, command)}`\n\n");
        Row(text, header);
        Row(text, header.Select(_ => "---"));
        foreach (var row in rows)
        {
            Row(text, row);
        }

        AtomicFile.WriteText(path, text.ToString());
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(c => c.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
}
