using System.Text.RegularExpressions;
using ActivationReplay.Verification.Extraction;
using ActivationReplay.Verification.Latex;
using ActivationReplay.Verification.Prose;

namespace ActivationReplay.Verification;

/// <summary>Judges answers in words: a colour, a name, a date, yes or no.</summary>
/// <remarks>
/// The reference is never searched for in the output. The answer is read from box, tag, phrase or sentence without the reference, and
/// must then equal it: see <see cref="Statement"/> and <see cref="Polarity"/>.
/// </remarks>
internal static partial class WordAnswers
{
    /// <summary>Compares the answer that an output states with the reference; unparsed if it states none.</summary>
    public static Verdict Verify(string reference, string output, ExtractionOptions options)
    {
        if (Polarity.OfReference(reference) is not null)
        {
            return VerifyYesNo(reference, output, options);
        }

        if (CalendarDate.Of(reference) is { } date)
        {
            return VerifyDate(date, output, options);
        }

        var marked = Unmarked(reference);
        var golds = new[] { marked }.Concat(Statement.Of(marked)).Select(Plain).Where(p => p.Length > 0).ToList();
        if (golds.Count == 0)
        {
            return default;
        }

        foreach (var (rule, answer) in Candidates(AnswerText.AfterThinking(output), options))
        {
            var readings = new[] { answer }.Where(IsOneLine).Concat(Statement.Of(Wrappers.WithoutCommands(answer))).Where(r => Plain(r).Length > 0).ToList();
            if (readings.Count > 0)
            {
                var right = readings.FirstOrDefault(r => golds.Any(g => AreSame(g, Plain(r))));
                return new Verdict(Wrappers.Unwrapped(right ?? readings[^1]), right is not null, rule);
            }
        }

        return default;
    }

    /// <summary>Compares the yes or no of an output with the reference; unparsed if it says neither, or both.</summary>
    public static Verdict VerifyYesNo(string reference, string output, ExtractionOptions? options = null)
    {
        options ??= ExtractionOptions.Default;
        foreach (var (rule, answer) in Candidates(AnswerText.AfterThinking(output), options))
        {
            if (Polarity.Of(Wrappers.WithoutCommands(Wrappers.Unwrapped(answer))) is { } said)
            {
                return new Verdict(said ? "yes" : "no", said == Polarity.OfReference(reference), rule);
            }
        }

        return default;
    }

    private static Verdict VerifyDate(CalendarDate reference, string output, ExtractionOptions options)
    {
        foreach (var (rule, answer) in Candidates(AnswerText.AfterThinking(output), options))
        {
            var roles = new ValueRoles(answer);
            if (CalendarDate.All(answer).LastOrDefault(d => roles.Of(d.Start, d.End) == ValueRole.Stated) is { Date: { } date } found)
            {
                return new Verdict(found.Text, date.Answers(reference), rule);
            }
        }

        return default;
    }

    // The last of each kind; after those the whole output.
    private static IEnumerable<(AnswerRule Rule, string Answer)> Candidates(string text, ExtractionOptions options)
    {
        if (options.ReadsBoxes && Boxes.All(text) is [.., var box])
        {
            yield return (AnswerRule.Boxed, box.Content);
        }

        if (AnswerText.Tag(text) is { } tag)
        {
            yield return (AnswerRule.AnswerTag, tag.Content);
        }

        if (Phrase().Matches(text) is [.., var phrase] && !Statement.IsUnsettledBy(Sentences.Before(text, phrase.Index)) && Sentences.Of(phrase.Groups["answer"].Value) is [var said, ..])
        {
            yield return (AnswerRule.AnswerPhrase, said);
        }

        if (!options.NeedsAnchor)
        {
            yield return (AnswerRule.WholeText, text);
        }
    }

    private static string Unmarked(string reference) =>
        Boxes.All(reference) is [.., var box] ? box.Content : Phrase().Matches(reference) is [.., var phrase] ? phrase.Groups["answer"].Value : reference;

    private static bool IsOneLine(string answer) => !answer.Trim().Contains('\n', StringComparison.Ordinal);

    // One of both may have a word more that says nothing: "in Paris", "the red one", "red in colour".
    private static bool AreSame(string gold, string answer) => gold == answer || Bare(gold) == answer || gold == Bare(answer);

    private static string Bare(string plain)
    {
        var bare = Preposition().Replace(plain, "");
        bare = Colour().Match(bare) is { Success: true } colour ? colour.Groups["colour"].Value : bare;
        bare = Article().Replace(Participle().Replace(bare, ""), "");
        return Article().Replace(Category().Replace(Dummy().Replace(bare, ""), ""), "");
    }

    private static string Plain(string text)
    {
        const int Longest = 200;
        if (text.Length > Longest)
        {
            return "";
        }

        var bare = Hyphen().Replace(Marks().Replace(Wrappers.WithoutCommands(text), " "), " ");
        return Article().Replace(Spaces().Replace(bare, " ").Trim(), "").ToLowerInvariant();
    }

    [GeneratedRegex(
        @"(?:answer(?:\s+(?:to|for|of)\s+[^\n.;:?!]{1,80}?)?\s+(?:is|was|would\s+be|must\s+be|should\s+be|will\s+be)(?![a-zA-Z'’])|answer\s*(?:\*\*)?\s*[:：]|答案(?:应该|应|就)?[是为]?\s*[:：]?)\s*(?:\*\*)?\s*[:：]?\s*(?<answer>[^\n]{1,200})",
        RegexOptions.IgnoreCase)]
    private static partial Regex Phrase();

    [GeneratedRegex(@"[^\p{L}\p{N}+\-%/.]|\.(?!\d)")]
    private static partial Regex Marks();

    [GeneratedRegex(@"(?<=\p{L})-(?=\p{L})")]
    private static partial Regex Hyphen();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^(?:the|an?)\s+(?=\p{L}{2})", RegexOptions.IgnoreCase)]
    private static partial Regex Article();

    [GeneratedRegex(@"^(?:in|on|at|to)\s+(?=\p{L})")]
    private static partial Regex Preposition();

    [GeneratedRegex(@"^(?:colou?r\s+(?<colour>\p{L}+)|(?<colour>\p{L}+(?:\s(?!in\b)\p{L}+)?)\s+(?:in\s+)?colou?r(?:ed)?)$")]
    private static partial Regex Colour();

    [GeneratedRegex(@"^(?:the\s+)?(?:(?:city|town|village|country|state|island|province|month|year|republic|kingdom)\s+of|letter|number|word|name|digit|month|year)\s+(?=\S)")]
    private static partial Regex Category();

    [GeneratedRegex(@"^(?:holding|wearing|carrying|eating|drinking|riding|using|playing|driving|reading|watching|pointing\s+to|facing|located\s+(?:in|on|at)|made\s+of|called|named)\s+")]
    private static partial Regex Participle();

    [GeneratedRegex(@"(?<=\p{L})\s+ones?$")]
    private static partial Regex Dummy();
}
