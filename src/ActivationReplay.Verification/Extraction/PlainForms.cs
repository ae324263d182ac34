using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Extraction;

/// <summary>
/// Values of more than one number in plain text, which are one answer: <c>3:4</c>, <c>12:30</c>, <c>(1, 2)</c>, <c>[2, 5)</c>,
/// <c>2 &lt;= x &lt; 5</c>, "2 and 3", "3 million", <c>2024-05-01</c>.
/// </summary>
internal static partial class PlainForms
{
    private const string Number = @"[-−+]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:/\d+)?";

    private const string Element = @"(?:[-−+]?\s?(?:\d+(?:\.\d+)?|\.\d+|π|pi|√\d+|\\?sqrt\(?\d+\)?|∞|inf(?:inity)?)(?:\s?[*/^]\s?[-−]?(?:\d+|π|pi)|π|√\d+){0,3})";

    private const string Bracketed = @"[(\[（]\s*" + Element + @"(?:\s*[,，;]\s*" + Element + @"){1,7}\s*[)\]）]";

    private const string Sign = @"\s*(?:<=|>=|≤|≥|⩽|⩾|<|>)\s*";

    private const string Name = "[a-zA-Zθα]";

    /// <summary>All of them, in order of their kinds.</summary>
    public static IEnumerable<PlainNumber> All(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('0', '9'))
        {
            yield break;
        }

        foreach (var pattern in new[] { Ratio(), Tuple(), Relation(), List(), Date(), Scaled() })
        {
            foreach (Match match in pattern.Matches(text))
            {
                var value = match.Groups["value"];
                yield return new PlainNumber(
                    value.Index, value.Index + value.Length, match.Groups["to"].Success ? Colon().Replace(value.Value, ":") : value.Value, false, IsNumber: false);
            }
        }
    }

    [GeneratedRegex(
        @"(?<![a-zA-Z\d:.,])(?<value>\d+(?:\.\d+)?(?:(?<colon>\s?)[:：∶]\k<colon>\d+(?:\.\d+)?)+(?:\s?[aApP]\.?[mM]\b\.?)?)(?![:\d])"
        + @"|\bratio\b[^.\n]{0,80}?(?<![\d.,])(?<value>\d+(?<to>\s+to\s+)\d+)(?![\d:])",
        RegexOptions.IgnoreCase)]
    private static partial Regex Ratio();

    [GeneratedRegex(
        @"(?<![a-z\d)])(?:[A-Z]['′]?\s?)?(?<value>" + Bracketed + @"(?:\s*(?:,\s*and\b|,\s*or\b|,|\band\b|\bor\b|∪|\\cup)\s*" + Bracketed + "){0,7}"
        + @"|\\?\{\s*" + Element + @"(?:\s*[,，;]\s*" + Element + @"){1,15}\s*\\?\})")]
    private static partial Regex Tuple();

    [GeneratedRegex(
        @"(?<![a-zA-Z\d.])(?<value>" + Element + Sign + Name + "(?:" + Sign + Element + ")?|" + Name + Sign + Element + @")(?![\p{L}\d]|\s*[-+*/^])")]
    private static partial Regex Relation();

    // "The roots are 2 and 3", "x = 2 or x = 3", "8 or 9".
    [GeneratedRegex(
        @"(?:\b(?:are|is|be|were|was)|[:=：])\s+(?<value>" + Number + @"(?:,\s+" + Number + "){0,12}(?:,?\\s+(?:and|or)\\s+|,\\s+)" + Number + @")(?=\s*(?:[.;!。\n]\s|[.;!。]?$))"
        + "|(?<![a-zA-Z\\d.=/*+^-]\\s*)(?<value>" + Number + @"(?:,\s+" + Number + "){0,12},?\\s+or\\s+" + Number + @")(?!\s*[\d./=*+^-])"
        + @"|(?<![a-zA-Z\d])(?<value>(?<name>[a-z])\s*=\s*" + Number + @"(?:,\s+\k<name>\s*=\s*" + Number + @"){0,12}(?:,?\s+(?:and|or)\s+|,\s+)\k<name>\s*=\s*" + Number + @")(?![\d/*^]|\s*[-+*/^=]\s*[\da-z])")]
    private static partial Regex List();

    [GeneratedRegex(@"(?<![a-zA-Z\d./-])(?<value>\d{4}-\d{2}-\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d{4})(?![\d/-])")]
    private static partial Regex Date();

    [GeneratedRegex(@"(?<![a-zA-Z\d.,])[$€£¥]?(?<value>\d[\d,]*(?:\.\d+)?\s*(?:thousand|million|billion))\b", RegexOptions.IgnoreCase)]
    private static partial Regex Scaled();

    [GeneratedRegex(@"\s+to\s+", RegexOptions.IgnoreCase)]
    private static partial Regex Colon();
}
