using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Extraction;

/// <summary>A formula between delimiters.</summary>
/// <param name="Start">The index of its opening delimiter.</param>
/// <param name="End">The index after its closing delimiter, and after a percent sign.</param>
/// <param name="Content">The text between the delimiters.</param>
/// <param name="IsPercent">Whether a percent sign or word follows.</param>
internal readonly record struct MathSpan(int Start, int End, string Content, bool IsPercent);

/// <summary>
/// Formulas in a text: <c>$…$</c>, <c>$$…$$</c>, <c>\(…\)</c>, <c>\[…\]</c>, <c>[ … ]</c> and bare <c>\frac{1}{2}</c>.
/// </summary>
internal static partial class MathSpans
{
    /// <summary>Formulas that form one answer together, such as "$1$, $2$ and $3$".</summary>
    /// <param name="Spans">The formulas, in order.</param>
    internal sealed record Group(IReadOnlyList<MathSpan> Spans)
    {
        public int Start => Spans[0].Start;

        public int End => Spans[^1].End;
    }

    /// <summary>All groups, in order.</summary>
    public static IEnumerable<Group> All(string text) => From(text, 0, text.Length);

    /// <summary>The groups that begin in a part of the text.</summary>
    public static IEnumerable<Group> From(string text, int start, int end)
    {
        while (start < end)
        {
            start = text.IndexOfAny(['$', '\\', '['], start);
            if (start < 0 || start >= end)
            {
                yield break;
            }

            if (At(text, start) is { } first)
            {
                var spans = new List<MathSpan> { first };
                Extend(text, spans);
                yield return new Group(spans);
                start = Math.Max(spans[^1].End, start + 1);
            }
            else
            {
                start++;
            }
        }
    }

    private static void Extend(string text, List<MathSpan> spans)
    {
        const int Most = 12;
        while (spans.Count < Most && Joint().Match(text, spans[^1].End) is { Success: true } joint && joint.Index == spans[^1].End
            && At(text, joint.Index + joint.Length) is { } next)
        {
            spans.Add(next);
        }
    }

    private static MathSpan? At(string text, int start)
    {
        if (start >= text.Length || (start > 0 && text[start - 1] == '\\'))
        {
            return null;
        }

        var rest = text.AsSpan(start);
        if (rest.StartsWith("$$", StringComparison.Ordinal) && Between(text, start, 2, "$$", acrossLines: true) is { } display)
        {
            return display;
        }

        if (rest.StartsWith(@"\[", StringComparison.Ordinal))
        {
            return Between(text, start, 2, @"\]", acrossLines: true);
        }

        if (rest.StartsWith(@"\(", StringComparison.Ordinal))
        {
            return Between(text, start, 2, @"\)", acrossLines: false);
        }

        if (rest[0] == '$')
        {
            // "5$" is a currency.
            return start > 0 && char.IsAsciiDigit(text[start - 1]) ? null : Between(text, start, 1, "$", acrossLines: false);
        }

        if (rest[0] == '[')
        {
            return Bracketed(text, start);
        }

        return Fraction().Match(text, start) is { Success: true } match && match.Index == start
            ? Percent(text, start - (start > 0 && text[start - 1] == '-' ? 1 : 0), match.Index + match.Length, null)
            : null;
    }

    private static MathSpan? Between(string text, int start, int markLength, string closing, bool acrossLines)
    {
        var from = start + markLength;
        var end = from;
        while (true)
        {
            end = text.IndexOf(closing, end, StringComparison.Ordinal);
            if (end < 0 || (!acrossLines && text.AsSpan(from, end - from).Contains('\n')))
            {
                return null;
            }

            if (text[end - 1] != '\\' || closing[0] == '\\')
            {
                break;
            }

            end++;
        }

        return end == from ? null : Percent(text, start, end + closing.Length, text[from..end]);
    }

    // [ x = 3 ], alone between spaces, as outputs have it that lost their backslashes.
    private static MathSpan? Bracketed(string text, int start)
    {
        if (start == 0 || !char.IsWhiteSpace(text[start - 1]))
        {
            return null;
        }

        var end = text.AsSpan(start + 1).IndexOfAny('[', ']', '\n');
        end = end < 0 ? -1 : start + 1 + end;
        return end > start + 1 && text[end] == ']' && end + 1 < text.Length && char.IsWhiteSpace(text[end + 1])
            ? new MathSpan(start, end + 1, text[(start + 1)..end], false)
            : null;
    }

    private static MathSpan Percent(string text, int start, int end, string? content)
    {
        content ??= text[start..end];
        var match = PercentSign().Match(text, end);
        return match.Success && match.Index == end
            ? new MathSpan(start, end + match.Length, content, true)
            : new MathSpan(start, end, content, false);
    }

    [GeneratedRegex(@"\G\s*(?:,?\s*\b(?:and|or)\b|,)\s*")]
    private static partial Regex Joint();

    [GeneratedRegex(@"\G\\[dtc]?frac\{-?\d+(?:[.,]\d+)?\}\{-?\d+(?:[.,]\d+)?\}")]
    private static partial Regex Fraction();

    [GeneratedRegex(@"\G\s*(?:\\?%|[Pp]ercent(?:age)?\b|[Pp]ct\b)")]
    private static partial Regex PercentSign();
}
