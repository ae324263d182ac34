using System.Text;

namespace ActivationReplay.Ablations.Tables;

/// <summary>The joined table as Markdown.</summary>
internal static class MarkdownTable
{
    /// <summary>The page: a table a panel, what is missing, and the picture.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="panels">The panels.</param>
    /// <param name="method">How the numbers were made.</param>
    /// <param name="notes">The sentences below them.</param>
    /// <param name="again">The command that makes it.</param>
    /// <param name="picture">The plot's file and what it shows, or null.</param>
    public static string Of(
        string title, IReadOnlyList<TablePanel> panels, string method, IReadOnlyList<string> notes, string again, (string File, string Caption)? picture)
    {
        List<string> lines = [$"# {title}"];
        foreach (var panel in panels)
        {
            lines.AddRange(["", Escape(panel.Title), ""]);
            lines.Add(Row(["", .. panel.Columns.Select(Escape)]));
            lines.Add(Row(["---", .. panel.Columns.Select(_ => "---:")]));
            foreach (var line in panel.Lines)
            {
                var label = Escape(line.Label);
                lines.Add(line.Kind == LineKind.Pair
                    ? Row([$"**{label}**", .. panel.Columns.Select(_ => "")])
                    : Row([line.Kind == LineKind.Own ? label : $"*{label}*", .. line.Texts.Select(Escape)]));
            }
        }

        lines.AddRange(["", method]);
        if (notes.Count > 0)
        {
            lines.AddRange(["", .. notes.Select(n => $"- {Escape(n)}")]);
        }

        if (picture is { } drawn)
        {
            lines.AddRange(["", $"![{drawn.File}]({drawn.File})", "", Escape(drawn.Caption)]);
        }

        lines.AddRange(["", "```sh", again, "```", ""]);
        return string.Join('\n', lines);
    }

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    // What Markdown would take for a table's border, emphasis or a link.
    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var c in text.ReplaceLineEndings(" "))
        {
            escaped.Append(c is '|' or '*' or '_' or '`' or '<' or '\\' ? "\\" : "").Append(c);
        }

        return escaped.ToString();
    }
}
