using System.Text.RegularExpressions;
using ActivationReplay.Verification.Prose;

namespace ActivationReplay.Verification.Latex;

/// <summary>
/// Normalises LaTeX as people and models write it: removes styling, units, currencies and punctuation at the end.
/// </summary>
internal static partial class LatexText
{
    /// <summary>The most characters of a formula that is parsed.</summary>
    public const int MaxLength = 3000;

    private static readonly (Regex Pattern, string Replacement)[] s_rules =
    [
        (NegativeSpace(), ""),
        (BracedComma(), ","),
        (ThinThousands(), ""),
        (UprightLetter(), "$1"),
        (TextStyle(), @"\text"),
        (TextOfQuantity(), "$1$2"),
        (PointName(), ""),
        (OldRoman(), @"\text{$1}"),
        (LeadingPhrase(), ""),
        (LeadingSign(), ""),
        (Fractions(), @"\frac"),
        (Quotes(), ""),
        (TextConnective(), ","),
        (Connective(), ","),
        (PercentText(), "%"),
        (PercentWord(), "%"),
        (InfinityWord(), @"\infty "),
        (TimesTen(), @"$1\times 10^"),
        (Approximately(), @"\approx "),
        (EmptyText(), ""),
    ];

    /// <summary>Normalises a formula.</summary>
    public static string Normalize(string text)
    {
        if (text.Length > MaxLength)
        {
            return text.Trim();
        }

        text = UnicodeMath.ToLatex(Wrappers.Unwrapped(Boxes.Unwrap(text))).Replace('\n', ' ').Replace('\r', ' ').Replace('\t', ' ');
        if (!text.Contains(@"\begin", StringComparison.Ordinal))
        {
            text = DoubledBackslash().Replace(text, @"\");
        }

        text = SeparateAssignments(text);
        foreach (var (pattern, replacement) in s_rules)
        {
            text = pattern.Replace(text, replacement);
        }

        text = Scale().Replace(text, m => m.Groups["scale"].ValueSpan[0] switch
        {
            't' or 'T' => @"\times 10^{3}",
            'm' or 'M' => @"\times 10^{6}",
            _ => @"\times 10^{9}",
        });

        // Of an angle 30° is 30; in sin 30° the mark says what is meant.
        var isTrigonometric = Trigonometric().IsMatch(text);
        text = WithoutEndMarks(isTrigonometric ? WordDegrees().Replace(text, @"^\circ ") : text);
        text = Units.Strip(Currency().Replace(text, "")).Trim();
        text = WithoutEndMarks(Degrees().Replace(text, m => isTrigonometric && m.ValueSpan.ContainsAny('c', 'g') ? @"^\circ " : ""));
        return IsThousands(text) ? text.Replace(",", "", StringComparison.Ordinal) : ZeroDecimalComma().Replace(text, "$1.");
    }

    /// <summary>A normalised text without spaces and grouping braces, for comparing formulas that could not be parsed.</summary>
    public static string Compact(string normalized) => Spaces().Replace(normalized, "");

    // "p = 1, q = 2 and p = 3, q = 4" is two pairs, not four values.
    private static string SeparateAssignments(string text)
    {
        var parts = AnyConnective().Split(text);
        return parts.Length > 1
            && parts.All(p => p.Contains('=', StringComparison.Ordinal) && p.Contains(',', StringComparison.Ordinal))
            && parts.Select(p => p.Trim(' ', ',').Count(c => c == ',')).Distinct().Count() == 1
            ? string.Join(" ; ", parts.Select(p => p.Trim(' ', ',')))
            : text;
    }

    private static string WithoutEndMarks(string text)
    {
        text = text.Trim();
        while (text.Length > 1 && !text.EndsWith("..", StringComparison.Ordinal)
            && (text[^1] is ',' or ';' or ':' or '.' or '~' || text.EndsWith(@"\\", StringComparison.Ordinal)))
        {
            var isEscaped = text.Length > 1 && text[^2] == '\\';
            text = text[..^(isEscaped ? 2 : 1)].TrimEnd();
        }

        return TrailingSpace().Replace(text, "");
    }

    // Commas that all group digits by three, outside of tuples and sets.
    private static bool IsThousands(string text) =>
        text.Contains(',', StringComparison.Ordinal)
        && text.IndexOfAny(['(', '[', '{', ';']) < 0
        && Thousands().Replace(text, "").IndexOf(',', StringComparison.Ordinal) < 0;

    [GeneratedRegex(@"\\!\s*")]
    private static partial Regex NegativeSpace();

    [GeneratedRegex(@"\s*\{\s*,\s*\}\s*")]
    private static partial Regex BracedComma();

    [GeneratedRegex(@"(?<=\d)(?:\\[,;: ]|~)(?=\d{3}(?!\d))|(?<=(?<!\d)\d{1,3}(?: \d{3})*) (?=\d{3}(?!\d))|(?<=\d)\\(?= [a-zA-Z])")]
    private static partial Regex ThinThousands();

    [GeneratedRegex(@"\\math(?:rm|it|bf|sf)\s*\{\s*([eidT])\s*\}")]
    private static partial Regex UprightLetter();

    [GeneratedRegex(@"\\(?:text(?:normal|bf|it|rm|sf|tt|up|sc)|math(?:rm|it|bf|sf|tt)|mbox|hbox|textcolor\{[^{}]*\}|color\{[^{}]*\})(?=\s*\{)")]
    private static partial Regex TextStyle();

    // A(3, 4) is the point (3, 4).
    [GeneratedRegex(@"^\s*[A-Z]['′]?\s*(?:=\s*)?(?=\(\s*[-−]?[\d./]+(?:\s*,\s*[-−]?[\d./]+){1,2}\s*\)\s*\.?\s*$)")]
    private static partial Regex PointName();

    [GeneratedRegex(@"^\s*\\text\s*\{\s*(?=[^{}]*\d)([^{}]*)\}(\s*\^\s*(?:\d|\{\s*-?\d\s*\}))?\s*$")]
    private static partial Regex TextOfQuantity();

    [GeneratedRegex(@"\{\s*\\(?:rm|bf|it)\s+([^{}]*)\}")]
    private static partial Regex OldRoman();

    [GeneratedRegex(@"^\s*\\text\s*\{[^{}]*(?:\bis|:|=)\s*\}(?=\s*\S)")]
    private static partial Regex LeadingPhrase();

    [GeneratedRegex(@"^\s*(?:=|\\approx\b|≈)\s*(?=\S)")]
    private static partial Regex LeadingSign();

    [GeneratedRegex(@"\\[dtc]frac(?![a-zA-Z])|\\[dtc]frac(?=\d)")]
    private static partial Regex Fractions();

    [GeneratedRegex(@"(?<!\\)[""']")]
    private static partial Regex Quotes();

    [GeneratedRegex(@",?\s*\\text\s*\{\s*,?\s*(?:and|or|and/or)\s*\}\s*")]
    private static partial Regex TextConnective();

    [GeneratedRegex(@",?\s*(?<![a-zA-Z\\{])(?:and|or)(?![a-zA-Z])|\\(?:land|lor|wedge|vee)(?![a-zA-Z])")]
    private static partial Regex Connective();

    [GeneratedRegex(@"(?:,?\s*(?:\\q?quad)?\s*\\text\s*\{\s*,?\s*(?:and|or)\s*\}|,?\s*(?<![a-zA-Z\\{])(?:and|or)(?![a-zA-Z]))\s*(?:\\q?quad)?\s*")]
    private static partial Regex AnyConnective();

    [GeneratedRegex(@"\s*\\text\s*\{\s*(?:percent(?:age)?|pct|%|\\%)\s*\}")]
    private static partial Regex PercentText();

    [GeneratedRegex(@"\s*(?<![a-zA-Z{])(?:percent(?:age)?|pct)\b", RegexOptions.IgnoreCase)]
    private static partial Regex PercentWord();

    [GeneratedRegex(@"(?<![\\a-zA-Z])inf(?:inity|ty)?(?![a-zA-Z])")]
    private static partial Regex InfinityWord();

    [GeneratedRegex(@"(\d)\s*[xX]\s*10\s*\^")]
    private static partial Regex TimesTen();

    [GeneratedRegex(@"(?<=\d)\s*(?:\\[ ,;]\s*)?(?:\\text\s*\{\s*(?<scale>[tmb])(?:housand|illion)\s*\}|(?<scale>[tmb])(?:housand|illion)\b)", RegexOptions.IgnoreCase)]
    private static partial Regex Scale();

    [GeneratedRegex(@"(?<![a-zA-Z])(?:sin|cos|tan|cot|sec|csc)(?![a-zA-Z])")]
    private static partial Regex Trigonometric();

    [GeneratedRegex(@"(?<=[\d)}])\s*(?:\\[ ,;])?\s*(?:\\text\s*\{\s*degrees?\s*\}|degrees?(?![a-zA-Z]))")]
    private static partial Regex WordDegrees();

    [GeneratedRegex(@"~=")]
    private static partial Regex Approximately();

    [GeneratedRegex(@"\\text\s*\{\s*\}|\\displaystyle|\\(?:no)?limits(?![a-zA-Z])")]
    private static partial Regex EmptyText();

    [GeneratedRegex(@"\\\\(?=[a-zA-Z{}%$,;!|])")]
    private static partial Regex DoubledBackslash();

    [GeneratedRegex(@"\\?\$|[€£¥₹₽₩₪₫฿]|\\(?:euro|pounds|yen)(?![a-zA-Z])")]
    private static partial Regex Currency();

    [GeneratedRegex(@"\^\s*\{\s*(?:\\circ|\\degree|\\prime|\*)\s*\}|\^\s*(?:\\circ|\\degree)(?![a-zA-Z])|\\degree(?![a-zA-Z])|(?<=\d)\s*\\circ(?![a-zA-Z])")]
    private static partial Regex Degrees();

    [GeneratedRegex(@"(?:\\[ ,;:]|\\q?quad|~|\\)$")]
    private static partial Regex TrailingSpace();

    [GeneratedRegex(@"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")]
    private static partial Regex Thousands();

    [GeneratedRegex(@"^(\s*-?0),(?=\d+$)")]
    private static partial Regex ZeroDecimalComma();

    [GeneratedRegex(@"\s+|\\[,;: !]")]
    private static partial Regex Spaces();
}
