using System.Text.RegularExpressions;
using ActivationReplay.Verification.Prose;

namespace ActivationReplay.Verification.Extraction;

/// <summary>Finds the parts of an output that hold the answer.</summary>
internal static partial class AnswerText
{
    /// <summary>The number of characters at the end of an output that are looked at.</summary>
    public const int MaxLength = 30_000;

    /// <summary>The output after its thinking, if there is any, cut to its last <see cref="MaxLength"/> characters.</summary>
    public static string AfterThinking(string output)
    {
        const string End = "</think>";
        var at = output.LastIndexOf(End, StringComparison.OrdinalIgnoreCase);
        var rest = at >= 0 && !string.IsNullOrWhiteSpace(output[(at + End.Length)..]) ? output[(at + End.Length)..] : output;
        return Wrappers.WithoutMarkup(rest.Length > MaxLength ? rest[^MaxLength..] : rest);
    }

    /// <summary>
    /// The content of the last answer tag, which may lack its end in an output that was cut off; null if there is none.
    /// </summary>
    public static (string Content, int Start, int End)? Tag(string text)
    {
        var open = text.LastIndexOf("<answer>", StringComparison.OrdinalIgnoreCase);
        if (open < 0)
        {
            return null;
        }

        var start = open + "<answer>".Length;
        var close = text.IndexOf("</answer>", start, StringComparison.OrdinalIgnoreCase);
        var end = close < 0 ? text.Length : close;
        return string.IsNullOrWhiteSpace(text[start..end]) ? null : (text[start..end].Trim(), open, end);
    }

    /// <summary>Whether a text is a single line without words, so that it may be a formula without delimiters.</summary>
    public static bool MayBeFormula(string text)
    {
        const int Longest = 400;
        var trimmed = text.Trim();
        return trimmed.Length is > 0 and < Longest
            && !trimmed.Contains('\n', StringComparison.Ordinal)
            && trimmed.IndexOf('$', StringComparison.Ordinal) < 0
            && !trimmed.Contains(@"\(", StringComparison.Ordinal) && !trimmed.Contains(@"\[", StringComparison.Ordinal)
            && !trimmed.Contains(@"\boxed", StringComparison.Ordinal)
            && !trimmed.Any(c => c > '\u03ff' && char.IsLetter(c) && c < '\u2070' || c > '\u2fff')
            && !GluedWords().IsMatch(trimmed)
            && !ShortWords().IsMatch(trimmed)
            && !Words().IsMatch(Commands().Replace(trimmed, " "));
    }

    [GeneratedRegex(@"\\text\s*\{[^{}]*\}|\\begin\s*\{[^{}]*\}|\\end\s*\{[^{}]*\}|\\[a-zA-Z]+|_\{[^{}]*\}|(?<=(?:sin|cos|tan|cot|sec|csc)\s?\(?\d+(?:\.\d+)?)\s*degrees?\b|\b(?:sin|cos|tan|cot|sec|csc|log|exp|sqrt|arcsin|arccos|arctan|gcd|lcm|and|or|inf|infinity|percent|pct)\b")]
    private static partial Regex Commands();

    // "In 1998" and "It is 8" are no products of letters; "ax + by" is one.
    [GeneratedRegex(@"(?:^|\s)(?:in|it|is|of|so|we|he|an|at|on|to|by|as|be|my|no)\s+(?=[\w$\\])", RegexOptions.IgnoreCase)]
    private static partial Regex ShortWords();

    [GeneratedRegex(@"[a-zA-Z]{3,}")]
    private static partial Regex Words();

    [GeneratedRegex(@"\d(?:and|or)|(?:and|or)\d|\d(?:and|or)[a-zA-Z]")]
    private static partial Regex GluedWords();
}
