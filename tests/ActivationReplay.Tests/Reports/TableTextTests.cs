using System.Text.RegularExpressions;
using ActivationReplay.Ablations.Tables;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Reports;

/// <summary>The joined table as LaTeX and Markdown: whatever names hold, it stays a table.</summary>
public sealed class TableTextTests
{
    private const string Hostile = @"50%_of & # $x$ ~ ^ {a} \b | <c> ± − → † *d* `e` [f]";

    private static readonly TablePanel s_panel = new(
        "accuracy, % [95%]",
        [Hostile, "two"],
        [
            new PanelLine(LineKind.Pair, Hostile, []),
            new PanelLine(LineKind.Own, "[" + Hostile, ["80.0 [72.0, 88.0]†", "–"]),
            new PanelLine(LineKind.Published, "none, published", ["−1.5", "+2.0"]),
        ]);

    [TestCase("50% a_b & c#1", @"50\% a\_b \& c\#1")]
    [TestCase("±1 −2 – →", @"$\pm$1 $-$2 -- $\rightarrow$")]
    [TestCase(@"\x{y}^~$|<>", @"\textbackslash{}x\{y\}\textasciicircum{}\textasciitilde{}\$\textbar{}\textless{}\textgreater{}")]
    [TestCase("80.0 [72.0, 88.0]†", @"80.0 [72.0, 88.0]$^\dagger$")]
    public void Latex_EscapesWhatItWouldRead(string text, string expected) => LatexTable.Escape(text).Should().Be(expected);

    [Test]
    public void Latex_HasACellAColumn_BalancedBraces_AndNoBareSign()
    {
        var text = LatexTable.Of([s_panel, s_panel], [Hostile]);

        text.Should().Contain(@"\begin{tabular}{lrr}").And.Contain(@"\toprule").And.Contain(@"\midrule").And.Contain(@"\bottomrule");
        var body = text[text.IndexOf('\n')..];
        foreach (var row in body.Split('\n').Where(l => l.EndsWith(@" \\", StringComparison.Ordinal)))
        {
            var signs = Regex.Count(row, @"(?<!\\)&");
            signs.Should().Be(row.StartsWith(@"\multicolumn{3}", StringComparison.Ordinal) ? 0 : 2, row);
            row.Should().NotStartWith("[", "it would be an argument of the line end above");
        }

        Regex.Count(body, @"(?<!\\)\{").Should().Be(Regex.Count(body, @"(?<!\\)\}"));
        Regex.Count(body, @"(?<!\\)\$").Should().Match(n => n % 2 == 0);
        Regex.IsMatch(Regex.Replace(body, @"\$\^\\dagger\$", ""), @"(?<!\\)[%#_^~]").Should().BeFalse();
    }

    [Test]
    public void Latex_OfRunsWithHostileNames_IsATabularOfAsManyColumnsInEachRow()
    {
        TableRun[] runs = [.. new[] { "50%_a&b#$1.tsv", "c{d}~^\\.tsv" }.Select(file => JoinedRunsTests.Asking($"run_{file}", $"/x/{file}", file))];
        var joined = JoinedRuns.Of(runs, null);

        var lines = LatexTable.Of(TablePanel.Of(joined), joined.Notes).Split('\n');

        var begin = Array.IndexOf(lines, @"\begin{tabular}{lrrr}");
        var inside = lines[(begin + 1)..Array.IndexOf(lines, @"\end{tabular}")];
        var rules = inside.Where(l => !l.EndsWith(@" \\", StringComparison.Ordinal)).ToList();
        rules.Should().Equal(@"\toprule", @"\midrule", @"\midrule", @"\bottomrule");
        var rows = inside.Where(l => !rules.Contains(l)).ToList();
        rows.Should().HaveCount(1 + (2 * (1 + 1)) + 3 + 2, "the head; a title and a pair of values and of gains; three methods, two of them beside RLVR alone");
        rows.Select(Columns).Should().AllBeEquivalentTo(4);
        rows[0].Should().Be(@" & 50\%\_a\&b\#\$1 & c\{d\}\textasciitilde{}\textasciicircum{}\textbackslash{} & macro average \\");

        static int Columns(string row) => row.StartsWith(@"\multicolumn{4}{l}{", StringComparison.Ordinal) ? 4 : 1 + Regex.Count(row, @"(?<!\\)&");
    }

    [Test]
    public void Markdown_HasACellAColumn()
    {
        var text = MarkdownTable.Of("Joined runs", [s_panel], "How.", [Hostile], "command", ("gains.png", "Gains"));

        var rows = text.Split('\n').Where(l => l.StartsWith('|')).ToList();
        rows.Should().HaveCount(2 + 3).And.OnlyContain(r => Regex.Count(r, @"(?<!\\)\|") == 4);
        rows[4].Should().Be("| *none, published* | −1.5 | +2.0 |");
        text.Should().Contain("![gains.png](gains.png)").And.EndWith("```sh\ncommand\n```\n");
    }
}
