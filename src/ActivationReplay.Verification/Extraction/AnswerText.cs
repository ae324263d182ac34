using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Extraction;

/// <summary>Parts of outputs that hold the answer.</summary>
internal static partial class AnswerText
{
    private static readonly (string Open, string Close)[] s_wrappers =
        [("**", "**"), ("__", "__"), ("```", "```"), ("*", "*"), ("_", "_"), ("`", "`"), ("\"", "\""), ("'", "'"), ("“", "”"), ("‘", "’"), ("«", "»"), ("「", "」"), ("『", "』")];

    private static readonly SearchValues<char> s_marks = SearchValues.Create("*_`\"'“”‘’«»「」『』");

    /// <summary>The longest part of an output that is looked at: its end.</summary>
    public const int MaxLength = 30_000;

    /// <summary>What follows the thinking, where there is any; else the output. Of long outputs the end.</summary>
    public static string AfterThinking(string output)
    {
        const string End = "</think>";
        var at = output.LastIndexOf(End, StringComparison.OrdinalIgnoreCase);
        var rest = at >= 0 && !string.IsNullOrWhiteSpace(output[(at + End.Length)..]) ? output[(at + End.Length)..] : output;
        return WithoutMarkup(rest.Length > MaxLength ? rest[^MaxLength..] : rest);
    }

    /// <summary>A text without the marks around it: <c>**17**</c>, <c>"Paris"</c>, <c>`x`</c>, and what is left of them in <c>(B)**</c>.</summary>
    public static string Unwrapped(string text)
    {
        const int Deepest = 4;
        text = text.Trim();
        for (var i = 0; i < Deepest && text.Length > 1 && (s_marks.Contains(text[0]) || s_marks.Contains(text[^1])); i++)
        {
            var inner = WithoutOnePair(text);
            if (inner.Length == text.Length)
            {
                break;
            }

            text = inner;
        }

        return text;
    }

    private static string WithoutOnePair(string text)
    {
        foreach (var (open, close) in s_wrappers)
        {
            var starts = text.StartsWith(open, StringComparison.Ordinal);
            var ends = text.EndsWith(close, StringComparison.Ordinal);
            if (starts && ends && text.Length > open.Length + close.Length && text[open.Length..^close.Length] is var inner
                && !inner.Contains(open, StringComparison.Ordinal) && !inner.Contains(close, StringComparison.Ordinal))
            {
                return inner.Trim();
            }

            // A mark without its partner was cut in two by the extraction.
            if (open.Length > 1 && starts != ends && text.Length > open.Length
                && text.IndexOf(open, StringComparison.Ordinal) == text.LastIndexOf(open, StringComparison.Ordinal))
            {
                return (starts ? text[open.Length..] : text[..^close.Length]).Trim();
            }
        }

        return text;
    }

    // Marks of a box that some models write, ends of turns, tags of emphasis, and digits of other scripts.
    private static string WithoutMarkup(string text)
    {
        if (text.Contains('<', StringComparison.Ordinal))
        {
            text = BoxTokens().Replace(text, @"\boxed{$1}");
            text = Emphasis().Replace(SpecialToken().Replace(text, ""), "$2");
        }

        return text.AsSpan().ContainsAnyExceptInRange('\0', '\u007f') && text.Any(c => c > '\u007f' && char.IsDigit(c))
            ? string.Concat(text.Select(c => c > '\u007f' && char.IsDigit(c) ? (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c)) : c))
            : text;
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

    [GeneratedRegex(@"<\|begin_of_box\|>\s*((?:[^{}<]|\{[^{}]*\})*?)\s*<\|end_of_box\|>")]
    private static partial Regex BoxTokens();

    [GeneratedRegex(@"<\|[^|<>\s]{1,40}\|>|</?s>")]
    private static partial Regex SpecialToken();

    [GeneratedRegex(@"<(b|strong|em|i|u)>([^<>\n]{1,200})</\1>", RegexOptions.IgnoreCase)]
    private static partial Regex Emphasis();

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
