using System.Text.RegularExpressions;
using ActivationReplay.Verification.Latex;
using ActivationReplay.Verification.Prose;
using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Extraction;

/// <summary>A part of a text that may be the answer.</summary>
/// <param name="Start">The index at which it begins.</param>
/// <param name="End">The index after it; of candidates of one rank the last is the answer.</param>
/// <param name="Rule">The rule by which it is a candidate.</param>
/// <param name="Parts">The formulas that form the answer together.</param>
/// <param name="IsPlain">Whether it is a number of plain text.</param>
internal sealed partial record Candidate(int Start, int End, AnswerRule Rule, IReadOnlyList<CandidatePart> Parts, bool IsPlain = false)
{
    /// <summary>The answer as it was written.</summary>
    public string Text => string.Join(" and ", Parts.Select(p => p.Text.Trim() + (p.IsPercent ? "%" : "")));

    /// <summary>The normalised text, for comparing answers that are not formulas.</summary>
    public string Normalized => string.Join(",", Parts.Select(p => LatexText.Compact(LatexText.Normalize(p.Text))));

    /// <summary>Whether it must not be read in part: 4 4/0 is neither 4 nor 0, and 2024-05-01 is not 2018.</summary>
    public bool IsWhole => IsPlain && Parts is [{ Text: var text }] && (MixedNumber().IsMatch(text) || CalendarDate.IsNumeric(text));

    /// <summary>Whether it is a sentence between two signs of a currency, not a formula.</summary>
    public bool IsProse => Parts.Any(p => Prose().IsMatch(p.Text));

    /// <summary>The parsed answer; null if it is not a formula.</summary>
    public Term? Parse()
    {
        var terms = Parts.Select(p => p.Parse(IsPlain)).ToList();
        return terms.Count > 1 && terms.All(t => t is not null)
            ? new FiniteSet([.. terms.SelectMany(t => t is FiniteSet s ? s.Items : [t!])])
            : terms[0];
    }

    public static Candidate Of(MathSpans.Group group, AnswerRule rule) => new(
        group.Start, group.End, rule, [.. group.Spans.Select(s => new CandidatePart(s.Content, s.IsPercent))]);

    public static Candidate Of(PlainNumber number, AnswerRule rule) => new(
        number.Start, number.End, rule, [new CandidatePart(number.Text, number.IsPercent, number.IsNumber)], IsPlain: true);

    [GeneratedRegex(@"^[-+]?\d{1,3}(?: \d{3})* +\d+/\d+$|^[-+]?\d+ +\d+/\d+$")]
    private static partial Regex MixedNumber();

    [GeneratedRegex(@"(?<![\\a-zA-Z{])[a-zA-Z]{3,}\s+[a-zA-Z]{3,}\s")]
    private static partial Regex Prose();
}

/// <summary>A formula of an answer.</summary>
/// <param name="Text">The formula as it was written.</param>
/// <param name="IsPercent">Whether a percent sign follows.</param>
/// <param name="IsNumber">Whether it is one number of plain text.</param>
internal readonly record struct CandidatePart(string Text, bool IsPercent = false, bool IsNumber = false)
{
    /// <summary>The parsed answer; null if it is not a formula.</summary>
    public Term? Parse(bool isPlain)
    {
        if (isPlain && Text.Contains('\n', StringComparison.Ordinal))
        {
            return null;
        }

        var term = IsNumber ? NumberOf(PlainNumbers.Digits(Text)) : TermParser.Parse(LatexText.Normalize(Text));
        return term is not null && IsPercent && term is not Percentage ? new Percentage(term) : term;
    }

    private static Number? NumberOf(string digits)
    {
        var isNegative = digits.StartsWith('-');
        return Fraction.Decimal(digits.TrimStart('-')) is { } value
            ? new Number(isNegative ? value.Negated() : value, digits.Contains('.', StringComparison.Ordinal))
            : null;
    }
}
