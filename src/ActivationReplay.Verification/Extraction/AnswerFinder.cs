using System.Text.RegularExpressions;
using ActivationReplay.Verification.Latex;
using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Extraction;

/// <summary>An answer that was found in a text.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Rule">How it was found.</param>
/// <param name="Term">What it means; null where it is no formula.</param>
/// <param name="Normalized">Normalised, for comparing what is no formula.</param>
internal sealed record FoundAnswer(string Text, AnswerRule Rule, Term? Term, string Normalized);

/// <summary>
/// Finds the answer in a text, by Math-Verify's order: the last box or "final answer is … I hope", the answer tag, "final answer
/// … is", "answer:", "answer", and last any formula or number. Of places of one rank, the last that is a formula.
/// </summary>
internal static partial class AnswerFinder
{
    private const int Reach = 50;

    /// <summary>The answer, or null.</summary>
    public static FoundAnswer? Find(string text, AnswerTargets targets)
    {
        var body = AnswerText.AfterThinking(text);
        return In(body, targets) ?? (body.Length < text.Length && text.Length <= AnswerText.MaxLength ? In(text, targets) : null);
    }

    private static FoundAnswer? In(string text, AnswerTargets targets)
    {
        Candidate? fallback = null;
        var failed = new List<Candidate>();
        foreach (var rank in Ranks(text, targets))
        {
            foreach (var candidate in rank.OrderByDescending(c => c.End).ThenBy(c => c.Start))
            {
                // Nothing is read out of the inside of a formula that could not be read whole.
                if (candidate.IsPlain && failed.Any(f => !f.IsPlain && candidate.Start < f.End && candidate.End > f.Start && !f.IsProse))
                {
                    continue;
                }

                fallback ??= candidate;
                if (candidate.Parse() is { } term)
                {
                    return new FoundAnswer(candidate.Text, candidate.Rule, term, candidate.Normalized);
                }

                if (candidate.IsWhole)
                {
                    return new FoundAnswer(candidate.Text, candidate.Rule, null, candidate.Normalized);
                }

                const int MostFailures = 40;
                failed.Add(candidate);
                if (failed.Count > MostFailures)
                {
                    break;
                }
            }
        }

        return fallback is null ? null : new FoundAnswer(fallback.Text, fallback.Rule, null, fallback.Normalized);
    }

    private static IEnumerable<IEnumerable<Candidate>> Ranks(string text, AnswerTargets targets)
    {
        yield return [.. Boxed(text), .. AfterPhrase(text, FinalAnswerIs(), targets, followedByHope: true)];
        if (AnswerText.Tag(text) is { } tag)
        {
            yield return [new Candidate(tag.Start, tag.End, AnswerRule.AnswerTag, [new CandidatePart(Bare(tag.Content))])];
            if (In(tag.Content, targets) is { Term: not null } inner)
            {
                yield return [new Candidate(tag.Start, tag.End, AnswerRule.AnswerTag, [new CandidatePart(inner.Text)])];
            }
        }

        yield return AfterPhrase(text, FinalAnswer(), targets);
        yield return AfterPhrase(text, AnswerColon(), targets);
        yield return AfterPhrase(text, AnswerWord(), targets);
        if (targets.HasFlag(AnswerTargets.Latex) && AnswerText.MayBeFormula(text) && !IsPlainNumber(text, targets))
        {
            yield return [new Candidate(0, text.Length, AnswerRule.WholeText, [new CandidatePart(text.Trim())])];
        }

        yield return Anywhere(text, targets);
    }

    // Formulas with boxes are read as a whole, boxes outside of formulas as groups.
    private static IEnumerable<Candidate> Boxed(string text)
    {
        var boxes = Boxes.All(text);
        if (boxes.Count == 0)
        {
            yield break;
        }

        foreach (var group in MathSpans.All(text))
        {
            MathSpan[] boxed = [.. group.Spans.Where(s => Boxes.All(s.Content).Count > 0)];
            if (boxed.Length > 0)
            {
                yield return Candidate.Of(new MathSpans.Group(boxed), AnswerRule.Boxed) with
                {
                    Parts = [.. boxed.Select(s => new CandidatePart(Boxes.Unwrap(s.Content), s.IsPercent))],
                };
            }
        }

        var last = Boxes.LastGroup(text, boxes);
        var percent = PercentAfter().Match(text, last[^1].End) is { Success: true } match && match.Index == last[^1].End;
        yield return new Candidate(last[0].Start, last[^1].End, AnswerRule.Boxed, [new CandidatePart(Boxes.Join(last), percent)]);
    }

    private static IEnumerable<Candidate> AfterPhrase(string text, Regex phrase, AnswerTargets targets, bool followedByHope = false)
    {
        const int MostPhrases = 400;
        var matches = phrase.Matches(text);
        foreach (var match in matches.Skip(Math.Max(0, matches.Count - MostPhrases)))
        {
            var start = match.Index + match.Length;
            var reach = match.Groups["near"].Success ? 4 : Reach;
            if (targets.HasFlag(AnswerTargets.Latex)
                && MathSpans.From(text, start, Math.Min(text.Length, start + reach + 1)).FirstOrDefault() is { } group
                && (!followedByHope || Hope().Match(text, group.End) is { Success: true }))
            {
                yield return Candidate.Of(group, AnswerRule.AnswerPhrase);
            }

            if (targets.HasFlag(AnswerTargets.Expression) && Plain(text, start, reach) is { } number
                && (!followedByHope || Hope().Match(text, number.End) is { Success: true }))
            {
                yield return Candidate.Of(number, AnswerRule.AnswerPhrase);
            }
        }
    }

    // The first number after a phrase, in its line; of a calculation "3 + 4 = 7" its end.
    private static PlainNumber? Plain(string text, int start, int reach)
    {
        const int Line = 200;
        var lineEnd = text.IndexOf('\n', Math.Min(text.Length, start + 1));
        var window = text[start..Math.Min(lineEnd < 0 ? text.Length : lineEnd, Math.Min(text.Length, start + Line))];
        var first = PlainNumbers.All(window, 0, reach + 1).OrderBy(n => n.Start).ThenByDescending(n => n.End).Cast<PlainNumber?>().FirstOrDefault();
        if (first is not { } number)
        {
            return null;
        }

        while (EqualsSign().Match(window, number.End) is { Success: true } sign
            && PlainNumbers.All(window, sign.Index + sign.Length, 3).OrderByDescending(n => n.End).Cast<PlainNumber?>().FirstOrDefault() is { } next)
        {
            number = next;
        }

        return number with { Start = number.Start + start, End = number.End + start };
    }

    private static IEnumerable<Candidate> Anywhere(string text, AnswerTargets targets)
    {
        // Only the last ones can be tried.
        const int Tail = 6000;
        var start = Math.Max(0, text.Length - Tail);
        if (targets.HasFlag(AnswerTargets.Latex))
        {
            foreach (var group in MathSpans.All(text))
            {
                yield return Candidate.Of(group, AnswerRule.Formula);
            }
        }

        if (targets.HasFlag(AnswerTargets.Expression))
        {
            foreach (var number in PlainNumbers.All(text, start))
            {
                yield return Candidate.Of(number, AnswerRule.Number);
            }
        }
    }

    // A number by itself is read as a number, with its separators: 1,22.
    private static bool IsPlainNumber(string text, AnswerTargets targets)
    {
        var trimmed = text.Trim();
        return targets.HasFlag(AnswerTargets.Expression) && PlainNumbers.All(trimmed).Any(n => n.Start <= 1 && n.End == trimmed.Length);
    }

    private static string Bare(string content)
    {
        var trimmed = content.Trim().Trim('*');
        return MathSpans.All(trimmed).FirstOrDefault() is { Spans: [{ IsPercent: false } only] } group && group.Start == 0 && group.End == trimmed.Length
            ? only.Content
            : AnswerText.MayBeFormula(trimmed) ? trimmed : "\n";
    }

    [GeneratedRegex(@"final\s+answer\s+is:?(?<near>)", RegexOptions.IgnoreCase)]
    private static partial Regex FinalAnswerIs();

    [GeneratedRegex(@"final\s+answer[^\n]{0,100}?\s+is:?(?<near>)(?=\s*(?:\*\*|""|\\""|“)?\s*[-$\\\d.\[(£€])", RegexOptions.IgnoreCase)]
    private static partial Regex FinalAnswer();

    [GeneratedRegex(@"answer\s*(?:\*\*)?\s*[:：](?:\*\*)?|答案\s*[:：]", RegexOptions.IgnoreCase)]
    private static partial Regex AnswerColon();

    [GeneratedRegex(@"answer|答案", RegexOptions.IgnoreCase)]
    private static partial Regex AnswerWord();

    [GeneratedRegex(@"\G\.?\s?I hope")]
    private static partial Regex Hope();

    [GeneratedRegex(@"\G\s*=(?=\s*[-$€£\d(.])")]
    private static partial Regex EqualsSign();

    [GeneratedRegex(@"\G\s*(?:\\?%|[Pp]ercent(?:age)?\b|[Pp]ct\b)")]
    private static partial Regex PercentAfter();
}
