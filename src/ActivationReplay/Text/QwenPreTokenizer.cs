using System.Globalization;
using System.Text;

namespace ActivationReplay.Text;

/// <summary>
/// Cuts text into words as Qwen's pattern does, code point by code point.
/// <see cref="System.Text.RegularExpressions.Regex"/> cannot: it sees UTF-16 units, so that to it a letter beyond
/// U+FFFF is two symbols, and it does not fold the long s to s.
/// </summary>
internal static class QwenPreTokenizer
{
    /// <summary>The pattern that this class implements, as <c>tokenizer.json</c> writes it.</summary>
    public const string Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private enum Kind
    {
        Other, // [^\s\p{L}\p{N}]
        Letter, // \p{L}
        Number, // \p{N}
        Space, // \s, that is Unicode's White_Space; all of it lies below U+FFFF
    }

    /// <summary>The length of the first word of a text that is not empty, in UTF-16 units.</summary>
    /// <remarks>The steps are the alternatives of the pattern, in its order.</remarks>
    public static int WordLength(ReadOnlySpan<char> text)
    {
        if (ContractionLength(text) is > 0 and var contraction)
        {
            return contraction;
        }

        var first = KindOf(text, out var width);
        var beforeLetters = first is Kind.Letter or Kind.Number || text[0] is '\r' or '\n' ? 0 : width;
        if (RunEnd(text, beforeLetters, Kind.Letter) is var letters && letters > beforeLetters)
        {
            return letters;
        }

        if (first == Kind.Number)
        {
            return width;
        }

        var beforeOthers = text[0] == ' ' ? 1 : 0;
        if (RunEnd(text, beforeOthers, Kind.Other) is var others && others > beforeOthers)
        {
            var newlines = text[others..].IndexOfAnyExcept('\r', '\n');
            return newlines < 0 ? text.Length : others + newlines;
        }

        var spaces = RunEnd(text, 0, Kind.Space);
        var lastNewline = text[..spaces].LastIndexOfAny('\r', '\n');
        if (lastNewline >= 0)
        {
            return lastNewline + 1;
        }

        // \s+(?!\S) leaves the last space to the word after it; a single one is left to \s+.
        return spaces == text.Length || spaces == 1 ? spaces : spaces - 1;
    }

    // (?i:'s|'t|'re|'ve|'m|'ll|'d) with Unicode's simple case folding: of these letters only s has a third form.
    private static int ContractionLength(ReadOnlySpan<char> text)
    {
        if (text.Length < 2 || text[0] != '\'')
        {
            return 0;
        }

        return text[1] switch
        {
            's' or 'S' or '\u017F' or 't' or 'T' or 'm' or 'M' or 'd' or 'D' => 2,
            'r' or 'R' or 'v' or 'V' when text.Length > 2 && text[2] is 'e' or 'E' => 3,
            'l' or 'L' when text.Length > 2 && text[2] is 'l' or 'L' => 3,
            _ => 0,
        };
    }

    private static int RunEnd(ReadOnlySpan<char> text, int start, Kind kind)
    {
        while (start < text.Length && KindOf(text[start..], out var width) == kind)
        {
            start += width;
        }

        return start;
    }

    private static Kind KindOf(ReadOnlySpan<char> text, out int width)
    {
        Rune.DecodeFromUtf16(text, out var rune, out width);
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Rune.IsWhiteSpace(rune) ? Kind.Space : Kind.Other,
        };
    }
}
