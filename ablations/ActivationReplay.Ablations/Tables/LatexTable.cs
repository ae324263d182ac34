namespace ActivationReplay.Ablations.Tables;

/// <summary>The joined table for LaTeX: a <c>table</c> with rules of the package booktabs.</summary>
internal static class LatexTable
{
    private static readonly Dictionary<char, string> s_escapes = new()
    {
        ['\\'] = @"\textbackslash{}",
        ['{'] = @"\{",
        ['}'] = @"\}",
        ['%'] = @"\%",
        ['&'] = @"\&",
        ['#'] = @"\#",
        ['_'] = @"\_",
        ['$'] = @"\$",
        ['~'] = @"\textasciitilde{}",
        ['^'] = @"\textasciicircum{}",
        ['<'] = @"\textless{}",
        ['>'] = @"\textgreater{}",
        ['|'] = @"\textbar{}",
        ['"'] = @"\textquotedbl{}",
        ['±'] = @"$\pm$",
        ['−'] = "$-$",
        ['–'] = "--",
        ['→'] = @"$\rightarrow$",
        ['†'] = @"$^\dagger$",
        ['τ'] = @"$\tau$",
        ['δ'] = @"$\delta$",
        ['\u00A0'] = "~",
        ['\n'] = " ",
        ['\r'] = "",
        ['\t'] = " ",
    };

    /// <summary>The table and, below it, what is missing.</summary>
    public static string Of(IReadOnlyList<TablePanel> panels, IReadOnlyList<string> notes)
    {
        var columns = panels[0].Columns;
        List<string> lines =
        [
            @"% \usepackage[T1]{fontenc}, \usepackage{booktabs}",
            @"\begin{table}",
            @"\centering",
            $@"\begin{{tabular}}{{l{new string('r', columns.Count)}}}",
            @"\toprule",
            Row(["", .. columns.Select(Escape)]),
        ];
        foreach (var panel in panels)
        {
            lines.AddRange([@"\midrule", Across(columns.Count, @"\textbf", panel.Title)]);

            // Labels in braces: a bracket at the start of a row would be an argument of the line end above.
            lines.AddRange(panel.Lines.Select(line => line.Kind == LineKind.Pair
                ? Across(columns.Count, @"\textit", line.Label)
                : Row([$"{{{(line.Kind == LineKind.Published ? @"\quad " : "")}{Escape(line.Label)}}}", .. line.Texts.Select(Escape)])));
        }

        lines.AddRange([@"\bottomrule", @"\end{tabular}", .. notes.Select(n => $@"\par\footnotesize {Escape(n)}"), @"\end{table}", ""]);
        return string.Join('\n', lines);
    }

    /// <summary>Text that LaTeX prints as it is.</summary>
    public static string Escape(string text) => string.Concat(text.Select(c => s_escapes.GetValueOrDefault(c) ?? c.ToString()));

    private static string Row(IEnumerable<string> cells) => string.Join(" & ", cells) + @" \\";

    private static string Across(int columns, string style, string title) => $@"\multicolumn{{{columns + 1}}}{{l}}{{{style}{{{Escape(title)}}}}} \\";
}
