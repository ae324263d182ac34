using System.Text.RegularExpressions;
using ActivationReplay.Verification.Extraction;
using ActivationReplay.Verification.Latex;

namespace ActivationReplay.Verification;

/// <summary>Answers in words: a colour, a name, yes or no.</summary>
internal static partial class WordAnswers
{
    /// <summary>Compares what an output says by box, tag, phrase or as a whole; unparsed where it says nothing so.</summary>
    public static Verdict Verify(string reference, string output)
    {
        var gold = Plain(Unmarked(reference));
        if (gold.Length == 0)
        {
            return default;
        }

        var text = AnswerText.AfterThinking(output);
        foreach (var (rule, answer) in Candidates(text))
        {
            var plain = Plain(answer);
            if (plain.Length > 0)
            {
                return new Verdict(answer.Trim(), plain == gold, rule);
            }
        }

        return default;
    }

    /// <summary>Compares yes with no: the last of both that an output says, by the same rules.</summary>
    public static Verdict VerifyYesNo(string reference, string output)
    {
        var text = AnswerText.AfterThinking(output);
        foreach (var (rule, answer) in Candidates(text).Append((AnswerRule.WholeText, text)))
        {
            var said = YesNo().Matches(answer).Select(m => m.Value.ToLowerInvariant()).ToList();
            if (said.Count > 0 && (rule != AnswerRule.WholeText || said.Distinct().Count() == 1 || StartsWithYesNo().IsMatch(answer)))
            {
                var chosen = rule == AnswerRule.WholeText && StartsWithYesNo().IsMatch(answer) ? said[0] : said[^1];
                return new Verdict(chosen, string.Equals(chosen, reference.Trim(), StringComparison.OrdinalIgnoreCase), rule);
            }
        }

        return default;
    }

    private static IEnumerable<(AnswerRule Rule, string Answer)> Candidates(string text)
    {
        if (Boxes.All(text) is [.., var box])
        {
            yield return (AnswerRule.Boxed, box.Content);
        }

        if (AnswerText.Tag(text) is { } tag)
        {
            yield return (AnswerRule.AnswerTag, tag.Content);
        }

        if (Phrase().Matches(text) is [.., var phrase])
        {
            yield return (AnswerRule.AnswerPhrase, phrase.Groups["answer"].Value);
        }

        if (!text.Trim().Contains('\n', StringComparison.Ordinal))
        {
            yield return (AnswerRule.WholeText, text);
        }
    }

    private static string Unmarked(string reference) =>
        Boxes.All(reference) is [.., var box] ? box.Content : Phrase().Matches(reference) is [.., var phrase] ? phrase.Groups["answer"].Value : reference;

    private static string Plain(string text)
    {
        const int Longest = 200;
        if (text.Length > Longest)
        {
            return "";
        }

        var bare = Marks().Replace(TextCommand().Replace(text, "$1"), " ");
        return Article().Replace(Spaces().Replace(bare, " ").Trim(), "").ToLowerInvariant();
    }

    [GeneratedRegex(@"(?:answer\s+is|answer\s*(?:\*\*)?\s*[:：]|答案是?\s*[:：]?)\s*(?:\*\*)?\s*[:：]?\s*(?<answer>[^\n.;]{1,120})", RegexOptions.IgnoreCase)]
    private static partial Regex Phrase();

    [GeneratedRegex(@"\b(?:yes|no)\b", RegexOptions.IgnoreCase)]
    private static partial Regex YesNo();

    [GeneratedRegex(@"^\W*(?:yes|no)\b", RegexOptions.IgnoreCase)]
    private static partial Regex StartsWithYesNo();

    [GeneratedRegex(@"\\(?:text|textbf|textit|mathrm|mathbf|textrm|mbox)\s*\{([^{}]*)\}")]
    private static partial Regex TextCommand();

    [GeneratedRegex(@"[^\p{L}\p{N}+\-%/.]|\.(?!\d)")]
    private static partial Regex Marks();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^(?:the|an?)\s+(?=\p{L}{2})", RegexOptions.IgnoreCase)]
    private static partial Regex Article();
}
