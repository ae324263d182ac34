using System.Text.RegularExpressions;
using ActivationReplay.Verification.Extraction;
using ActivationReplay.Verification.Latex;

namespace ActivationReplay.Verification.Choices;

/// <summary>
/// Finds the option that an output decides for. What states an answer goes before what mentions one, and the last statement
/// before earlier ones; two options, or none, are no answer.
/// </summary>
internal sealed partial class ChoiceExtractor
{
    private readonly Options options;
    private readonly LetterReader letters;

    public ChoiceExtractor(IReadOnlyDictionary<string, string> choices)
    {
        options = new Options(choices);
        letters = new LetterReader(options);
    }

    /// <summary>The option's letter and the rule; null and <see cref="AnswerRule.Unparsed"/> where there is none.</summary>
    public (string? Letter, AnswerRule Rule) Find(string output)
    {
        var text = AnswerText.AfterThinking(output).Trim();
        if (Boxes.All(text) is { Count: > 0 } boxes)
        {
            var content = Boxes.Join(Boxes.LastList(text, boxes));
            if (Decided(Content(content), AnswerRule.Boxed) is { } boxed)
            {
                return boxed;
            }
        }

        if (AnswerText.Tag(text) is { } tag && Decided(Content(tag.Content), AnswerRule.AnswerTag) is { } tagged)
        {
            return tagged;
        }

        foreach (var content in Phrases(text))
        {
            if (Decided(Sentence(content), AnswerRule.AnswerPhrase) is { } stated)
            {
                return stated;
            }
        }

        return Decided(ByLines(text), AnswerRule.OptionLetter)
            ?? Concluded(text)
            ?? Decided(ByMentions(text), AnswerRule.OptionLetter)
            ?? ByWords(text)
            ?? (null, AnswerRule.Unparsed);
    }

    private static (string? Letter, AnswerRule Rule)? Decided(LetterReading reading, AnswerRule rule) =>
        reading.IsNone ? null : reading.IsSeveral ? (null, AnswerRule.Unparsed) : (reading.Letter, rule);

    private static LetterReading Found(string? letter) => new(letter, false);

    // What is in a box or a tag: a letter, an option's text, a letter before a text, or a value.
    private LetterReading Content(string content)
    {
        var alone = letters.Alone(content);
        if (!alone.IsNone)
        {
            return alone;
        }

        if (options.ByText(content) is { } text)
        {
            return Found(text);
        }

        // In a tag there may be a sentence, too.
        var lead = letters.AtStart(content);
        if (!lead.IsNone)
        {
            return lead;
        }

        foreach (var phrase in Phrases(content))
        {
            if (Sentence(phrase) is { IsNone: false } stated)
            {
                return stated;
            }
        }

        if (options.ByValueOf(content) is { } value)
        {
            return Found(value);
        }

        return letters.Mentions(content, marked: false) switch
        {
            [var only] => Found(only),
            { Count: > 1 } => LetterReading.Several,
            _ => Found(options.ByWordsIn(content)),
        };
    }

    // What follows "the answer is", to the end of its line.
    private LetterReading Sentence(string content)
    {
        var sentence = SentenceEnd().Match(content) is { Success: true } end ? content[..end.Index] : content;
        if (sentence.Trim().Length > 1 && options.ByText(sentence) is { } text && letters.Alone(sentence).IsNone)
        {
            return Found(text);
        }

        var lead = letters.AtStart(content);
        if (!lead.IsNone)
        {
            return lead;
        }

        if (options.ByWordsIn(sentence) is { } words)
        {
            return Found(words);
        }

        if (AnswerFinder.Find(sentence, AnswerTargets.Mathematics)?.Term is { } value && options.ByValue(value) is { } number)
        {
            return Found(number);
        }

        return letters.Mentions(sentence, marked: true) switch
        {
            [var only] => Found(only),
            { Count: > 1 } => LetterReading.Several,
            _ => LetterReading.None,
        };
    }

    // Texts after phrases that state an answer, the last first; denials are none.
    private static IEnumerable<string> Phrases(string text)
    {
        const int Longest = 300;
        foreach (var match in Phrase().Matches(text).Reverse())
        {
            var start = match.Index + match.Length;
            var content = text[start..Math.Min(text.Length, start + Longest)];
            var line = content.TrimStart().IndexOf('\n', StringComparison.Ordinal);
            content = line < 0 ? content.TrimStart() : content.TrimStart()[..line];
            if (content.Length > 0 && !Denied().IsMatch(content) && !Negation.Denies(text, match.Index, match.Index))
            {
                yield return content;
            }
        }
    }

    // A letter alone on the last line or the first, or "B. …" as the whole output or its only such line.
    private LetterReading ByLines(string text)
    {
        string[] lines = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        if (lines.Length == 0)
        {
            return LetterReading.None;
        }

        if (letters.Alone(lines[^1]) is { IsNone: false } last)
        {
            return last;
        }

        if (Correct().Matches(text) is [.., var correct] && !Negation.Denies(text, correct.Index, correct.Groups["letter"].Index + 1)
            && options.Has(correct.Groups["letter"].Value.ToUpperInvariant()))
        {
            return Found(correct.Groups["letter"].Value.ToUpperInvariant());
        }

        if (letters.Alone(lines[0]) is { IsNone: false } first)
        {
            return first;
        }

        return Leads(lines) is [var only] && (Leads([lines[0]]).Count == 1 || Leads([lines[^1]]).Count == 1) ? Found(only) : LetterReading.None;
    }

    // Options that lines begin with: a list of all, or the one that is chosen.
    private List<string> Leads(IEnumerable<string> lines) =>
        [.. lines.Select(l => LineLead().Match(l).Groups["letter"].Value.ToUpperInvariant()).Where(l => l.Length > 0 && options.Has(l)).Distinct()];

    // What the last sentence concludes, "so it is B": an option by letter, or by its text.
    private (string? Letter, AnswerRule Rule)? Concluded(string text)
    {
        var last = LastSentence(text);
        if (Conclusion().Matches(last) is not [.., var cue] || Leads([last]).Count > 0)
        {
            return null;
        }

        var mentions = letters.Mentions(last, marked: false);
        mentions = mentions.Count > 1 ? letters.Mentions(last[(cue.Index + cue.Length)..], marked: false) : mentions;
        return mentions.Count == 1 ? (mentions[0], AnswerRule.OptionLetter)
            : mentions.Count == 0 && options.ByWordsIn(last) is { } words ? (words, AnswerRule.OptionText)
            : null;
    }

    // The only option of the whole text; letters in parentheses or after "option" before others.
    private LetterReading ByMentions(string text)
    {
        if (Leads(text.Split('\n')).Count > 1)
        {
            return LetterReading.Several;
        }

        var marked = letters.Mentions(text, marked: true);
        if (marked.Count > 0)
        {
            return marked.Count == 1 ? Found(marked[0]) : LetterReading.Several;
        }

        var bare = letters.Mentions(text, marked: false);
        return bare.Count == 1 ? Found(bare[0]) : LetterReading.None;
    }

    private (string? Letter, AnswerRule Rule)? ByWords(string text)
    {
        var last = LastSentence(text);
        if ((options.ByText(text) ?? options.ByWordsIn(last) ?? options.ByWordsIn(text)) is { } words)
        {
            return (words, AnswerRule.OptionText);
        }

        return AnswerFinder.Find(text, AnswerTargets.Mathematics)?.Term is { } value && options.ByValue(value) is { } number
            ? (number, AnswerRule.Number)
            : null;
    }

    private static string LastSentence(string text)
    {
        var sentences = Sentences().Split(text.TrimEnd()).Where(s => s.Trim().Length > 0).ToList();
        return sentences.Count == 0 ? "" : sentences[^1];
    }

    [GeneratedRegex(
        @"(?:\b(?:answer|solution|(?:correct|right|best|final)\s+(?:option|choice|one|response)|option|choice)\s*(?:\*\*)?\s*(?:\((?:letter|option)\)\s*)?(?:(?:to|for|of)\s[^.\n]{0,80}?\s)?(?:here\s+)?(?:\bis\b|\bwould be\b|\bshould be\b|\bmust be\b|\bhas to be\b|\bwill be\b|\bseems to be\b|[:：=])(?:\*\*)?\s*[:：]?"
        + @"|\b(?:choose|pick|select|chose|picked|selected|choosing|go(?:ing)? with|opt(?:ing)? for|settle on)\s(?:\s*(?:the\s+)?(?:option|choice|answer)\b)?"
        + @"|答案(?:应该|应)?(?:是|为|选)?\s*[:：]?|(?:应|故|所以|因此)选(?:择)?\s*[:：]?)",
        RegexOptions.IgnoreCase)]
    private static partial Regex Phrase();

    [GeneratedRegex(@"^\W*(?:not\b|isn['’]t|none of these letters|incorrect|wrong|correct\b|right\b|unclear|unknown|cannot)", RegexOptions.IgnoreCase)]
    private static partial Regex Denied();

    [GeneratedRegex(
        @"(?<![A-Za-z0-9'’\\])(?:option|choice|answer)?\s{0,2}[\(\[\*""']{0,4}(?<letter>[A-Z])[\)\]\*""'\.:]{0,4}\s+(?:(?:is|must be|would be|should be|seems)\s+(?:indeed\s+|clearly\s+|therefore\s+|thus\s+)?(?:the\s+)?(?:(?:only|most)\s+)?(?:correct|right|best|true|answer|accurate|appropriate)\b)")]
    private static partial Regex Correct();

    [GeneratedRegex(@"^[\s\*\(\[>#-]*(?<letter>[A-Za-z])(?:\*\*)?[\)\]\.:](?:\*\*)?(?:\s|$)")]
    private static partial Regex LineLead();

    [GeneratedRegex(@"[.;!?](?=\s|$)|,?\s+(?:because|since|as|so that|which|but)\s")]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@"(?<=[.!?。])\s+(?=\S)|\n+")]
    private static partial Regex Sentences();

    [GeneratedRegex(@"\b(?:so|thus|therefore|hence|answer|correct|final(?:ly)?|conclu\w+|choose|select|best|must be|it['’]s|it is|go with|this (?:is|matches|means)|which (?:is|matches)|overall|matches)\b|∴|因此|所以", RegexOptions.IgnoreCase)]
    private static partial Regex Conclusion();
}
