using System.Text.RegularExpressions;
using ActivationReplay.Verification.Prose;

namespace ActivationReplay.Verification.Extraction;

/// <summary>Parts of outputs that hold the answer.</summary>
internal static partial class AnswerText
{
    /// <summary>The longest part of an output that is looked at: its end.</summary>
    public const int MaxLength = 30_000;

    /// <summary>What follows the thinking, where there is any; else the output. Of long outputs the end.</summary>
    public static string AfterThinking(string output)
    {
        const string End = "</think>";
        var at = output.LastIndexOf(End, StringComparison.OrdinalIgnoreCase);
        var rest = at >= 0 && !string.IsNullOrWhiteSpace(output[(at + End.Length)..]) ? output[(at + End.Length)..] : output;
        return Wrappers.WithoutMarkup(rest.Length > MaxLength ? rest[^MaxLength..] : rest);
    }

    /// <summary>What the last answer tag holds, its end missing in an output that was cut off; null where there is none.</summary>
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

    /// <summary>A text of one line without words: it may be a formula that nobody marked.</summary>
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
