using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ActivationReplay.Verification.Extraction;

namespace ActivationReplay.Verification.Choices;

/// <summary>
/// Normalises texts: removes what models wrap around answers, such as full-width letters, Markdown, HTML, LaTeX for text and special
/// tokens. Options and outputs are normalised alike, so that one can be found in the other.
/// </summary>
internal static partial class ChoiceText
{
    /// <summary>The answering part of an output, after its thinking, in ASCII letters; boxes and tags stay.</summary>
    public static string Answering(string output)
    {
        var text = AnswerText.AfterThinking(output);
        if (ThinkingEnd().Matches(text) is [.., var end] && text[(end.Index + end.Length)..] is var rest && !string.IsNullOrWhiteSpace(rest))
        {
            text = rest;
        }

        return SpecialToken().Replace(Narrow(text), " ");
    }

    /// <summary>
    /// Plain text: a letter in any brackets or emphasis becomes <c>(B)</c>, units get one name each, and white space is single.
    /// </summary>
    public static string Plain(string text)
    {
        text = Narrow(text).ReplaceLineEndings("\n");
        text = FormulaMark().Replace(Space().Replace(Fence().Replace(text, ""), " "), "$$").Replace("$$", "$", StringComparison.Ordinal);
        text = Degree().Replace(text, "°").Replace(@"\%", "%", StringComparison.Ordinal).Replace(@"\$", "", StringComparison.Ordinal);
        for (var (round, before) = (0, ""); round < 3 && before != text; round++)
        {
            (before, text) = (text, TextCommand().Replace(text, "${content}"));
        }

        text = InlineTag().Replace(BlockTag().Replace(text, "\n"), "");
        text = Unchecked().Replace(Checked().Replace(text, "✓ "), "✗ ");
        text = LinePrefix().Replace(text, "");
        text = Quoted().Replace(Bracketed().Replace(Emphasised().Replace(text, "(${label})"), "(${label})"), "${label}");
        text = Emphasis().Replace(text, "");
        text = Unit().Replace(text, m => " " + UnitName(m.Groups["unit"].Value));
        return Spaces().Replace(text, " ").Trim();
    }

    /// <summary>Replaces number words by digits, "two" to "twenty", and "one" where it is a number.</summary>
    public static string WithDigits(string text) => One().Replace(
        NumberWord().Replace(text, m => (Array.IndexOf(s_numbers, m.Value.ToLowerInvariant()) + 2).ToString(CultureInfo.InvariantCulture)), "1");

    // Full-width, circled, squared and mathematical letters and digits; characters without width go.
    private static string Narrow(string text)
    {
        if (Ascii().IsMatch(text))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var value = rune.Value;
            _ = value switch
            {
                >= 0xFF01 and <= 0xFF5E => result.Append((char)(value - 0xFEE0)),
                0x3000 or 0xA0 or 0x2009 or 0x202F => result.Append(' '),
                >= 0x200B and <= 0x200D or 0xFEFF or 0xFE0F => result,
                >= 0x2460 and <= 0x2473 => result.Append(CultureInfo.InvariantCulture, $"({value - 0x2460 + 1})"),
                >= 0x2474 and <= 0x2487 => result.Append(CultureInfo.InvariantCulture, $"({value - 0x2474 + 1})"),
                >= 0x249C and <= 0x24B5 => Label(value - 0x249C + 'a'),
                >= 0x24B6 and <= 0x24CF => Label(value - 0x24B6 + 'A'),
                >= 0x24D0 and <= 0x24E9 => Label(value - 0x24D0 + 'a'),
                >= 0x1F110 and <= 0x1F129 => Label(value - 0x1F110 + 'A'),
                >= 0x1F130 and <= 0x1F149 => Label(value - 0x1F130 + 'A'),
                >= 0x1F150 and <= 0x1F169 => Label(value - 0x1F150 + 'A'),
                >= 0x1F170 and <= 0x1F189 => Label(value - 0x1F170 + 'A'),
                >= 0x1D400 and <= 0x1D6A3 => result.Append((char)(((value - 0x1D400) % 52) + (((value - 0x1D400) % 52) < 26 ? 'A' : 'a' - 26))),
                >= 0x1D7CE and <= 0x1D7FF => result.Append((char)('0' + ((value - 0x1D7CE) % 10))),
                0x2103 => result.Append("°C"),
                0x2109 => result.Append("°F"),
                _ => result.Append(rune.ToString()),
            };
        }

        return result.ToString();

        StringBuilder Label(int letter) => result.Append('(').Append((char)letter).Append(')');
    }

    private static string UnitName(string written) => written.ToLowerInvariant() switch
    {
        ['c', 'e', 'n', ..] => "cm",
        ['m', 'i', 'l', 'l', ..] => "mm",
        ['k', 'i', 'l', 'o', 'm', ..] => "km",
        ['k', 'i', 'l', 'o', 'g', ..] => "kg",
        ['m', ..] => "m",
        ['g', ..] => "g",
        ['s', ..] => "s",
        ['p', ..] => "%",
        var degrees => degrees.EndsWith('c') || degrees.Contains("ce", StringComparison.Ordinal) ? "°C"
            : degrees.Contains('f', StringComparison.Ordinal) ? "°F" : "°",
    };

    private static readonly string[] s_numbers =
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"];

    [GeneratedRegex(@"\A[\x00-\x7F]*\z")]
    private static partial Regex Ascii();

    [GeneratedRegex(@"</(?:thinking|thoughts?|reasoning|reflection|scratchpad)>|◁/think▷|<\|end_of_thought\|>", RegexOptions.IgnoreCase)]
    private static partial Regex ThinkingEnd();

    // All but those that hold an answer.
    [GeneratedRegex(@"<\|(?!(?:begin|end)_of_box)[a-z_]{1,30}\|>|</?s>|<eos>|<pad>|<(?:start|end)_of_turn>|\[/?INST\]", RegexOptions.IgnoreCase)]
    private static partial Regex SpecialToken();

    [GeneratedRegex(@"^\s*```\w*[ \t]*$", RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\\[,;:! ]|\\q?quad\b|\\(?:bf|it|rm|Large|large|displaystyle)\b")]
    private static partial Regex Space();

    [GeneratedRegex(@"\\[()\[\]]|\$\$")]
    private static partial Regex FormulaMark();

    [GeneratedRegex(@"\s?\^\s?(?:\\circ\b|\{\s?\\circ\s?\}|∘|°)|\\(?:degree|circ)\b")]
    private static partial Regex Degree();

    [GeneratedRegex(@"\\(?:f?boxed|text|text(?:bf|it|rm|sf|tt|normal)|math(?:rm|bf|it|sf|tt)|mbox|operatorname|boldsymbol|bm|emph|underline)\s*\{(?<content>[^{}]*)\}")]
    private static partial Regex TextCommand();

    [GeneratedRegex(@"<\s?(?:br|/?(?:p|div|li|ul|ol|td|tr|h\d|answer|final_?answer|ans|choice|conclusion|think(?:ing)?))\b[^<>\n]{0,60}>|<\|(?:begin|end)_of_box\|>", RegexOptions.IgnoreCase)]
    private static partial Regex BlockTag();

    [GeneratedRegex(@"</?(?:b|i|u|em|strong|span|mark|code|pre|font|sup|sub)(?:\s[^<>\n]{0,60})?>", RegexOptions.IgnoreCase)]
    private static partial Regex InlineTag();

    [GeneratedRegex(@"^\s*(?:[-*•]\s+)?(?:\[[xX✓]\]|[☑✅✔✓●◉])\s*", RegexOptions.Multiline)]
    private static partial Regex Checked();

    [GeneratedRegex(@"^\s*(?:[-*•]\s+)?(?:\[ \]|[☐❌✗✘❎○◯])\s*", RegexOptions.Multiline)]
    private static partial Regex Unchecked();

    [GeneratedRegex(@"^[ \t]*(?:(?:#{1,6}|>|[-*•▪◦‣–])[ \t]+)+", RegexOptions.Multiline)]
    private static partial Regex LinePrefix();

    [GeneratedRegex(@"(?<![\w*`])(?<mark>\*{1,3}|_{1,3}|`{1,2})\s?\(?(?<label>[A-Za-z]|\d{1,2})\)?\s?\k<mark>(?![\w*`])")]
    private static partial Regex Emphasised();

    [GeneratedRegex(@"(?:[\[【「『〔〖]\s?|(?<![\w\\}^_])\\?\{\s?|\(\s?)(?<label>[A-Za-z])(?:\s?[\]】」』〕〗]|\s?\\?\}|\s?\))")]
    private static partial Regex Bracketed();

    [GeneratedRegex(@"(?<![\p{L}\d])[""“”„«»'‘’]\s?(?<label>[A-Za-z])\s?[""“”„«»'‘’](?![\p{L}\d])")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\*\*|__|`|(?<![\w*\s])\*(?=\S)|(?<=^|\s)\*(?=\p{L})|(?<=\S)\*(?![\w*])")]
    private static partial Regex Emphasis();

    [GeneratedRegex(@"(?<=\d)\s?(?<unit>centimet(?:er|re)s?|millimet(?:er|re)s?|kilomet(?:er|re)s?|kilograms?|met(?:er|re)s?|grams?|seconds?|percent|(?:degrees?\s|°\s?)(?:celsius|centigrade|fahrenheit|[CF]\b)|degrees?)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Unit();

    [GeneratedRegex(@"[ \t]+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\b(?:two|three|four(?:teen)?|five|six(?:teen)?|seven(?:teen)?|eight(?:een)?|nine(?:teen)?|ten|eleven|twelve|thirteen|fifteen|twenty)\b(?!-)", RegexOptions.IgnoreCase)]
    private static partial Regex NumberWord();

    [GeneratedRegex(@"\b(?<=(?:^|\b(?:is|are|only|just|exactly|has|have|see|shows?)\s))one\b(?!\s+(?:of|that|which|who|with|on|in|at|another|can|is)\b)(?=\s*\p{L}|\W*$)", RegexOptions.IgnoreCase)]
    private static partial Regex One();
}
