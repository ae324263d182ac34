using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Prose;

/// <summary>Marks that models put around answers.</summary>
internal static partial class Wrappers
{
    private static readonly (string Open, string Close)[] s_wrappers =
        [("**", "**"), ("__", "__"), ("```", "```"), ("*", "*"), ("_", "_"), ("`", "`"), ("\"", "\""), ("'", "'"), ("“", "”"), ("‘", "’"), ("«", "»"), ("「", "」"), ("『", "』")];

    private static readonly SearchValues<char> s_marks = SearchValues.Create("*_`\"'“”‘’«»「」『』");

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

    /// <summary>A text with the content of <c>\text{…}</c> and commands of style in their place.</summary>
    public static string WithoutCommands(string text) => TextCommand().Replace(text, "$1");

    /// <summary>A text with the box tokens of some models as a box, without ends of turns and tags of emphasis, and with digits in ASCII.</summary>
    public static string WithoutMarkup(string text)
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

    [GeneratedRegex(@"<\|begin_of_box\|>\s*((?:[^{}<]|\{(?:[^{}]|\{[^{}]*\})*\})*?)\s*<\|end_of_box\|>")]
    private static partial Regex BoxTokens();

    [GeneratedRegex(@"<\|[^|<>\s]{1,40}\|>|</?s>")]
    private static partial Regex SpecialToken();

    [GeneratedRegex(@"<(b|strong|em|i|u)>([^<>\n]{1,200})</\1>", RegexOptions.IgnoreCase)]
    private static partial Regex Emphasis();

    [GeneratedRegex(@"\\(?:text|textbf|textit|mathrm|mathbf|textrm|mbox)\s*\{([^{}]*)\}")]
    private static partial Regex TextCommand();
}
