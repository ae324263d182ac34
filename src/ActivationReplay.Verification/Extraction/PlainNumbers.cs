using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Extraction;

/// <summary>A number, or an expression of numbers, in plain text.</summary>
/// <param name="Start">The index of its first character, after a currency sign or asterisks.</param>
/// <param name="End">The index after it, and after a percent sign.</param>
/// <param name="Text">The number or expression.</param>
/// <param name="IsPercent">Whether a percent sign or word follows.</param>
/// <param name="IsNumber">Whether it is one number, whose separators are not signs of an expression.</param>
internal readonly record struct PlainNumber(int Start, int End, string Text, bool IsPercent, bool IsNumber);

/// <summary>
/// Numbers in plain text: <c>1,234.5</c>, <c>-3</c>, <c>2/3</c>, <c>1 1/2</c>, <c>1.5e-3</c>, <c>$20</c>, <c>50%</c>.
/// </summary>
internal static partial class PlainNumbers
{
    private const string Prefix = @"(?<=^|[\s=:≈~：＝，、]|[\u3040-\u30ff\u3400-\u9fff])(?:\*\*|__)?[`""'“‘«「『*_]?(?:(?:US|A|C|HK|NT)?\\?[$€£¥₹₽₩₪₫฿])?";

    private const string PercentSuffix = @"(?<percent>\s*(?:\\?%|[Pp]ercent(?:age)?\b|[Pp]ct\b))?";

    /// <summary>All numbers and expressions of a text, in order; both, where a number begins an expression.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">The index to begin at.</param>
    /// <param name="length">The number of characters at which a number may begin; null is all.</param>
    public static IEnumerable<PlainNumber> All(string text, int start = 0, int? length = null)
    {
        var end = Math.Min(text.Length, start + (length ?? text.Length));
        return Matches(Expression(), text, start, end, isNumber: false)
            .Concat(Matches(Scientific(), text, start, end, isNumber: false))
            .Concat(Matches(Number(), text, start, end, isNumber: true));
    }

    /// <summary>The digits of a number, with a point: <c>1,234.5</c> is 1234.5, <c>2,74</c> is 2.74.</summary>
    public static string Digits(string number)
    {
        var text = Marks().Replace(number, "");
        if (GroupedByThree().IsMatch(text))
        {
            return text.Replace(",", "", StringComparison.Ordinal);
        }

        return text.Replace(',', '.');
    }

    private static IEnumerable<PlainNumber> Matches(Regex pattern, string text, int start, int end, bool isNumber)
    {
        for (var match = pattern.Match(text, start); match.Success && match.Index < end; match = match.NextMatch())
        {
            var value = match.Groups["value"];
            var trimmed = value.Value.TrimEnd(' ', '\t', '\r', '\n', '.', '+', '-', '*', '×', '/', '÷', '^');
            if (trimmed.Length > 0)
            {
                yield return new PlainNumber(
                    value.Index, match.Index + match.Length, trimmed, match.Groups["percent"].Success, isNumber);
            }
        }
    }

    [GeneratedRegex(Prefix + @"(?<value>-?(?:[1-9]\d{0,2}(?:(?:[ ,]|\{,\}|\\[,!])\d{3})+(?!\d)(?:\.\d+)?|\d+[.,]\d+|\d+|\.\d+))" + PercentSuffix)]
    private static partial Regex Number();

    [GeneratedRegex(
        Prefix + @"(?<value>[-+]?\(?-?\d[\d.\s+\-*×/^()÷]{0,400}?[+\-*×/^()÷][\d.\s+\-*×/^()÷]{1,400}\)?)(?:\*\*)?(?=[.,:\s)$%pP]|$)" + PercentSuffix)]
    private static partial Regex Expression();

    [GeneratedRegex(
        Prefix + @"(?<value>[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,12}(?![\d.]*[a-zA-Z])|\s*(?:×|\\times|\*|[xX])\s*10\s*(?:\^\s*(?:\{\s*[-+]?\d+\s*\}|[-+]?\d+|\([-+]?\d+\))|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)))" + PercentSuffix)]
    private static partial Regex Scientific();

    [GeneratedRegex(@"[\s{}]|\\[,!]")]
    private static partial Regex Marks();

    [GeneratedRegex(@"^[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$")]
    private static partial Regex GroupedByThree();
}
