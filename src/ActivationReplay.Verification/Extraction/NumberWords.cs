using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Extraction;

/// <summary>
/// Numbers in words: <c>twenty-one</c>, <c>two hundred and five</c>, <c>a dozen</c>, <c>two thirds</c>, <c>eight and a half</c>,
/// 十二.
/// </summary>
/// <remarks>
/// "One" counts as a pronoun unless its neighbours show a number, and a number that qualifies another word does not count:
/// "two-storey", "twenty-first".
/// </remarks>
internal static partial class NumberWords
{
    private const string Unit = "one|two|three|four|five|six|seven|eight|nine";

    private const string Teen = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen";

    private const string Tens = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety";

    private const string BelowHundred = "(?:(?:" + Tens + @")(?:[\s-]+(?:" + Unit + "))?|" + Teen + "|" + Unit + ")";

    private const string BelowThousand = "(?:(?:" + Unit + "|" + Teen + @"|an?)\s+hundred(?:(?:\s+and)?[\s-]+" + BelowHundred + ")?|" + BelowHundred + ")";

    private const string Whole = "(?:zero|(?:" + BelowThousand + @"|an?(?=\s+(?:thousand|million|billion)))(?:\s+(?:thousand|million|billion),?(?:(?:\s+and)?\s+" + BelowThousand + ")?)*)";

    private const string Part = "(?:half|halves|thirds?|quarters?|fourths?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?)";

    // Every number word holds one of these; most texts hold none.
    private static readonly SearchValues<string> s_hints = SearchValues.Create(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thir", "fif", "twenty", "forty", "hundred", "thousand", "million", "billion", "dozen", "half", "quarter"],
        StringComparison.OrdinalIgnoreCase);

    private static readonly Dictionary<string, int> s_values = Values();

    /// <summary>All numbers in words of a text, in order.</summary>
    public static IEnumerable<PlainNumber> All(string text)
    {
        foreach (Match match in text.AsSpan().ContainsAny(s_hints) ? English().Matches(text) : Enumerable.Empty<Match>())
        {
            if (IsNumber(text, match) && ValueOf(match) is { } value)
            {
                var sign = match.Groups["minus"].Success ? "-" : "";
                yield return new PlainNumber(
                    match.Index, match.Index + match.Length, sign + value, match.Groups["percent"].Success, value.All(c => char.IsAsciiDigit(c) || c == '.'));
            }
        }

        foreach (Match match in text.AsSpan().ContainsAnyInRange('\u3400', '\u9fff') ? Chinese().Matches(text) : Enumerable.Empty<Match>())
        {
            if (ChineseValue(match.Groups["value"].Value) is { } value)
            {
                yield return new PlainNumber(
                    match.Index, match.Index + match.Length, value.ToString(CultureInfo.InvariantCulture), false, IsNumber: true);
            }
        }
    }

    /// <summary>
    /// The number of a text that is one number in words and nothing else, a mark at its end aside; null otherwise.
    /// </summary>
    public static PlainNumber? Of(string text)
    {
        const int Longest = 80;
        var trimmed = text.Trim().TrimEnd('.', '。');
        return trimmed.Length is > 0 and < Longest && All(trimmed).FirstOrDefault() is { End: > 0 } number && number.Start == 0 && number.End == trimmed.Length
            ? number
            : null;
    }

    // "One" and "half" count alone, after a verb that states them, or after "only"; not in "one of them" and "the left half".
    private static bool IsNumber(string text, Match match)
    {
        var isOne = match.Value.Equals("one", StringComparison.OrdinalIgnoreCase);
        if (!isOne && !match.Value.Equals("half", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        return !(isOne && PronounAfter().IsMatch(text, match.Index + match.Length))
            && (match.Index == 0 || StatedBefore().IsMatch(text[Math.Max(0, match.Index - 30)..match.Index]));
    }

    private static string? ValueOf(Match match)
    {
        if (match.Groups["dozen"] is { Success: true } dozen)
        {
            return dozen.ValueSpan.StartsWith("half", StringComparison.OrdinalIgnoreCase) ? "6"
                : match.Groups["dozens"].Success ? (12 * WholeValue(match.Groups["dozens"].Value)).ToString(CultureInfo.InvariantCulture)
                : "12";
        }

        if (match.Groups["part"] is { Success: true } part)
        {
            var name = part.Value.ToLowerInvariant();
            var top = match.Groups["top"].Success ? WholeValue(match.Groups["top"].Value) : 1;
            var isPlural = name is "halves" || (name.EndsWith('s') && name != "halves");

            // "Twenty fifth" is an ordinal.
            return top == 1 || isPlural ? $"{top}/{s_values[name == "halves" ? "half" : name.TrimEnd('s')]}" : null;
        }

        var whole = WholeValue(match.Groups["whole"].Value).ToString(CultureInfo.InvariantCulture);
        return match.Groups["half"].Success ? whole + ".5"
            : match.Groups["digits"].Success
                ? whole + "." + string.Concat(Spaces().Split(match.Groups["digits"].Value.Trim()).Select(d => s_values[d.ToLowerInvariant()]))
            : whole;
    }

    private static long WholeValue(string words)
    {
        long total = 0;
        long group = 0;
        foreach (var word in Separators().Split(words.ToLowerInvariant()))
        {
            switch (word)
            {
                case "" or "and":
                    break;
                case "a" or "an":
                    group += 1;
                    break;
                case "hundred":
                    group *= 100;
                    break;
                case "thousand" or "million" or "billion":
                    total += group * (word switch { "thousand" => 1_000L, "million" => 1_000_000L, _ => 1_000_000_000L });
                    group = 0;
                    break;
                default:
                    group += s_values[word];
                    break;
            }
        }

        return total + group;
    }

    private static long? ChineseValue(string text)
    {
        const string Digits = "零一二三四五六七八九";
        long total = 0;
        long section = 0;
        long digit = 0;
        foreach (var c in text.Replace('〇', '零').Replace('两', '二'))
        {
            if (Digits.IndexOf(c, StringComparison.Ordinal) is var value and >= 0)
            {
                if (digit > 0)
                {
                    return null;
                }

                digit = value;
            }
            else if (c == '万')
            {
                total = (total + section + digit) * 10_000;
                (section, digit) = (0, 0);
            }
            else
            {
                section += Math.Max(digit, 1) * (c switch { '十' => 10, '百' => 100, _ => 1000 });
                digit = 0;
            }
        }

        return total + section + digit;
    }

    private static Dictionary<string, int> Values()
    {
        var values = new Dictionary<string, int> { ["zero"] = 0, ["half"] = 2, ["third"] = 3, ["quarter"] = 4, ["fourth"] = 4 };
        Add(Unit, 1, 1);
        Add(Teen, 10, 1);
        Add(Tens, 20, 10);
        Add("fifth|sixth|seventh|eighth|ninth|tenth", 5, 1);
        return values;

        void Add(string names, int first, int step)
        {
            foreach (var (index, name) in names.Split('|').Index())
            {
                values[name] = first + (index * step);
            }
        }
    }

    [GeneratedRegex(
        @"(?<![\p{L}\p{N}_-])(?:(?<minus>minus|negative)\s+)?(?:"
        + @"(?<dozen>(?:half\s+an?\s+|an?\s+|(?<dozens>" + BelowHundred + @")\s+)?dozen)"
        + "|(?<top>" + Whole + @")[\s-]+(?<part>" + Part + ")"
        + @"|(?:an?\s+)?(?<part>half)|an?\s+(?<part>quarter|(?:third|fifth|sixth|seventh|eighth|ninth|tenth)(?=\s+of\b|\s*[.!]?\s*$))"
        + @"|(?<whole>" + Whole + @")(?:(?<half>\s+and\s+a\s+half)|\s+point(?<digits>(?:\s+(?:zero|" + Unit + ")){1,20}))?"
        + @")(?![\p{L}\p{N}_]|-\p{L}|[\s-]+(?:hundred|thousand|million|billion|dozen|first|second|third|" + Part + @")(?![\p{L}-]))"
        + @"(?<percent>\s*(?:%|per\s?cent(?:age)?\b))?",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex English();

    [GeneratedRegex(@"(?<![第\p{N}点分之])(?<value>[零〇一二两三四五六七八九十][零〇一二两三四五六七八九十百千万]{0,11})(?=[个只條条张張本辆輛人名位根块塊件支朵棵座台颗顆头頭匹双雙对次天年月岁歲元米厘倍度瓶杯把架艘扇层層面种種行列枚片盏盘碗]|分(?!之)|\s*(?:[。.!！]|$))")]
    private static partial Regex Chinese();

    [GeneratedRegex(@"\G\s+(?:of|by|can|could|may|might|must|should|would|will|who|which|that|another|day|more)\b", RegexOptions.IgnoreCase)]
    private static partial Regex PronounAfter();

    [GeneratedRegex(@"(?:\b(?:is|are|was|were|be|equals|only|exactly|just|has|have|see|leaves|leaving|gives|count|so)|[:=.])\s+[""'*_]*$", RegexOptions.IgnoreCase)]
    private static partial Regex StatedBefore();

    [GeneratedRegex(@"[\s,-]+")]
    private static partial Regex Separators();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
