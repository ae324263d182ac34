using System.Text.RegularExpressions;
using ActivationReplay.Verification.Latex;
using ActivationReplay.Verification.Prose;
using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Extraction;

/// <summary>An answer found in a text.</summary>
/// <param name="Text">The answer as it was written.</param>
/// <param name="Rule">The rule that found it.</param>
/// <param name="Term">The parsed answer; null if it is not a formula.</param>
/// <param name="Normalized">The normalised text, for comparing answers that are not formulas.</param>
internal sealed record FoundAnswer(string Text, AnswerRule Rule, Term? Term, string Normalized);

/// <summary>
/// Finds the answer in a text in the order of Math-Verify: the last box or "final answer is … I hope", the answer tag, "final answer
/// … is", "answer:", "answer", and at last any formula or number. Of candidates of one rank, the last that is a formula is taken.
/// </summary>
internal static partial class AnswerFinder
{
    private const int Reach = 50;

    /// <summary>The answer of a text; null if there is none.</summary>
    public static FoundAnswer? Find(string text, ExtractionOptions options) => Find(text, options, readsWords: true);

    /// <summary>The answer of a text with default settings; null if there is none.</summary>
    public static FoundAnswer? Find(string text, AnswerTargets targets) => Find(text, new ExtractionOptions(targets));

    /// <summary>
    /// Reads a reference; null if it holds no answer. A number word within a name is not a number: "seven" is 7, "Seven Samurai" is
    /// not.
    /// </summary>
    public static FoundAnswer? FindReference(string text, AnswerTargets targets) =>
        targets.HasFlag(AnswerTargets.Expression) && NumberWords.Of(text) is { } word && Candidate.Of(word, AnswerRule.Number) is { } candidate
            ? new FoundAnswer(word.Text, AnswerRule.Number, candidate.Parse(), candidate.Normalized)
            : Find(text, new ExtractionOptions(targets), readsWords: false);

    private static FoundAnswer? Find(string text, ExtractionOptions options, bool readsWords)
    {
        var body = AnswerText.AfterThinking(text);
        return In(body, options, readsWords)
            ?? (body.Length < text.Length && text.Length <= AnswerText.MaxLength ? In(text, options, readsWords) : null);
    }

    private static FoundAnswer? In(string text, ExtractionOptions options, bool readsWords)
    {
        Candidate? fallback = null;
        var failed = new List<Candidate>();
        foreach (var rank in Ranks(text, options, readsWords))
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

                if (candidate.IsWhole || options.TriesFirstAlone)
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

    private static IEnumerable<IEnumerable<Candidate>> Ranks(string text, ExtractionOptions options, bool readsWords)
    {
        var targets = options.Targets;
        var values = new PlainValues(text, readsWords);
        yield return [.. options.ReadsBoxes ? Boxed(text, targets) : [], .. AfterPhrase(text, values, FinalAnswerIs(), targets, followedByHope: true)];
        if (AnswerText.Tag(text) is { } tag)
        {
            yield return [new Candidate(tag.Start, tag.End, AnswerRule.AnswerTag, [new CandidatePart(Bare(tag.Content))])];
            if (NumberWords.Of(Wrappers.Unwrapped(tag.Content)) is { } word)
            {
                yield return [Candidate.Of(word, AnswerRule.AnswerTag) with { Start = tag.Start, End = tag.End, IsPlain = false }];
            }

            if (In(tag.Content, options with { NeedsAnchor = false }, readsWords) is { Term: not null } inner)
            {
                yield return [new Candidate(tag.Start, tag.End, AnswerRule.AnswerTag, [new CandidatePart(inner.Text)])];
            }
        }

        yield return AfterPhrase(text, values, FinalAnswer(), targets);
        yield return AfterPhrase(text, values, AnswerColon(), targets);
        yield return AfterPhrase(text, values, AnswerWord(), targets);
        if (options.NeedsAnchor)
        {
            yield break;
        }

        if (targets.HasFlag(AnswerTargets.Latex) && Wrappers.Unwrapped(text) is var bare && AnswerText.MayBeFormula(bare) && !IsPlainNumber(bare, targets))
        {
            yield return [new Candidate(0, text.Length, AnswerRule.WholeText, [new CandidatePart(PlainValues.WithoutWorking(bare))])];
        }

        yield return Anywhere(text, values, targets);
    }

    // Formulas with boxes are read as a whole, boxes outside of formulas as groups.
    private static IEnumerable<Candidate> Boxed(string text, AnswerTargets targets)
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
        if (targets.HasFlag(AnswerTargets.Expression) && PlainValues.OfWords(Boxes.Join(last)) is { } number)
        {
            yield return Candidate.Of(number, AnswerRule.Boxed) with { Start = last[0].Start, End = last[^1].End, IsPlain = false };
        }

        var percent = PercentAfter().Match(text, last[^1].End) is { Success: true } match && match.Index == last[^1].End;
        yield return new Candidate(last[0].Start, last[^1].End, AnswerRule.Boxed, [new CandidatePart(Boxes.Join(last), percent)]);
    }

    private static IEnumerable<Candidate> AfterPhrase(
        string text, PlainValues values, Regex phrase, AnswerTargets targets, bool followedByHope = false)
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

            if (targets.HasFlag(AnswerTargets.Latex) && !followedByHope && Stated().Match(text, start) is { Success: true } stated
                && Wrappers.Unwrapped(stated.Groups["answer"].Value) is var formula && Lettered().IsMatch(formula) && AnswerText.MayBeFormula(formula))
            {
                yield return new Candidate(stated.Index, stated.Index + stated.Length, AnswerRule.AnswerPhrase, [new CandidatePart(formula)]);
            }

            if (targets.HasFlag(AnswerTargets.Expression) && values.FirstAfter(start, reach) is { } number
                && (!followedByHope || Hope().Match(text, number.End) is { Success: true }))
            {
                yield return Candidate.Of(number, AnswerRule.AnswerPhrase);
            }
        }
    }

    private static IEnumerable<Candidate> Anywhere(string text, PlainValues values, AnswerTargets targets)
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
            foreach (var number in values.From(start))
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
        var trimmed = Wrappers.Unwrapped(content);
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

    // "The answer is 2x + 1.": up to the end of what it says.
    [GeneratedRegex(@"\G\s*(?:(?:is|[:：=])\s*)?(?<answer>[^\s,;.][^\n,;]{0,119}?)(?=\s*(?:[.。](?:\s|$)|[;\n]|,\s|$|\s(?:because|since|where|which|when|for)\b))")]
    private static partial Regex Stated();

    // Letters that are part of a formula, not a unit or a word after a number.
    [GeneratedRegex(@"^(?![-+]?[\d.,/]+\s*[a-zA-Z ]+$)(?=.*[a-zA-Z])(?=.*[\d=+*/^<>])")]
    private static partial Regex Lettered();

    [GeneratedRegex(@"\G\.?\s?I hope")]
    private static partial Regex Hope();

    [GeneratedRegex(@"\G\s*(?:\\?%|[Pp]ercent(?:age)?\b|[Pp]ct\b)")]
    private static partial Regex PercentAfter();
}
