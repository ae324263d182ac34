using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Choices;

/// <summary>A sentence, or an item of a list, of a passage.</summary>
internal readonly record struct Sentence(int Start, int End);

/// <summary>
/// A plain text with its mentions of options, in groups ("A and C"), each with the text's stance on it. It is built once and shared
/// by all that looks for a choice.
/// </summary>
internal sealed partial class Passage
{
    public Passage(string text, Options options)
    {
        Text = text;
        var mentions = Merged(new LabelReader(options).Find(text), options.Places(text), options);
        Sentences = Split(mentions);
        Groups = Judged(Listed(Grouped(mentions)));
    }

    /// <summary>The text (<see cref="ChoiceText.Plain"/>).</summary>
    public string Text { get; }

    public IReadOnlyList<Sentence> Sentences { get; }

    /// <summary>The groups of mentions, in order.</summary>
    public IReadOnlyList<MentionGroup> Groups { get; }

    /// <summary>The sentence at an index; the last one for an index after the end.</summary>
    public Sentence At(int place)
    {
        var (low, high) = (0, Sentences.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Sentences[middle].End > place ? (low, middle) : (middle + 1, high);
        }

        return Sentences[low];
    }

    /// <summary>The groups that begin in a part of the text.</summary>
    public IEnumerable<MentionGroup> In(int start, int end) => Groups.SkipWhile(g => g.Start < start).TakeWhile(g => g.Start < end);

    // A letter with its option's text beside it names the option once: "B. 12 cm", "12 cm (B)".
    private List<Mention> Merged(IReadOnlyList<Mention> labels, IReadOnlyList<Mention> words, Options options)
    {
        var free = labels.Where(l => !words.Any(w => w.Start <= l.Start && w.End >= l.End)).ToList();
        var result = new List<Mention>();
        foreach (var mention in free.Concat(words).OrderBy(m => m.Start).ThenBy(m => m.End))
        {
            if (result is [.., var last] && last.End <= mention.Start && Text[last.End..mention.Start] is { Length: < 24 } between && !between.Contains('\n', StringComparison.Ordinal))
            {
                var isCompact = last.Start > 0 && char.IsAsciiLetterUpper(Text[last.Start - 1]);
                var isLabelFirst = !isCompact && last.Form != MentionForm.Words && mention.Form == MentionForm.Words;
                var isWordsFirst = last.Form == MentionForm.Words && mention.Form != MentionForm.Words;
                if (isLabelFirst && last.Key == mention.Key && OwnTextAfter().IsMatch(between))
                {
                    var closes = between.Contains('(', StringComparison.Ordinal) && mention.End < Text.Length && Text[mention.End] == ')';
                    result[^1] = last with { End = mention.End + (closes ? 1 : 0), Form = MentionForm.Marked };
                    continue;
                }

                if (isWordsFirst && LabelAfter().IsMatch(between))
                {
                    if (last.Key == mention.Key)
                    {
                        result[^1] = last with { End = mention.End, Form = MentionForm.Marked };
                        continue;
                    }

                    // "carbon (C)" is carbon, whatever option C is.
                    if (char.ToUpperInvariant(Text[last.Start]) == mention.Key[0] && mention.Key.Length == 1 && mention.Form == MentionForm.Marked)
                    {
                        continue;
                    }
                }

                // "Q: … A: 12 cm": the letter stands for "answer" where its text is another option's; else a label's text is what it is said to be.
                if (isLabelFirst && last.IsLead && last.Key != mention.Key && between.Trim().Length == 0)
                {
                    if (last.Key == "A" && Text[last.End - 1] == ':' && free.Count(l => l.IsLead) == 1)
                    {
                        result[^1] = mention;
                    }

                    continue;
                }
            }

            result.Add(mention);
        }

        return result.Exists(m => m.Form == MentionForm.Words) ? WithoutParts(result, options) : result;
    }

    // Of "the cat is a black cat" the whole option is meant, unless it is denied.
    private List<Mention> WithoutParts(List<Mention> mentions, Options options)
    {
        var wholes = mentions.Where(m => m.Form == MentionForm.Words && Verdicts.Of(Text, 0, m.Start, m.End) != Stance.Rejected).Select(m => m.Key).Distinct().ToList();
        return [.. mentions.Where(m => m.Form != MentionForm.Words || !wholes.Exists(w => options.IsPart(m.Key, w)))];
    }

    private List<MentionGroup> Grouped(List<Mention> mentions)
    {
        var groups = new List<MentionGroup>();
        var current = new List<Mention>();
        var isAlternative = false;
        var isClosed = false;
        foreach (var mention in mentions)
        {
            if (current is [.., var last])
            {
                var between = Text[Math.Min(last.End, mention.Start)..mention.Start];
                var isNear = between.Length < 40 && !between.Contains('\n', StringComparison.Ordinal);
                var isOr = isNear && Or().IsMatch(between);
                var isAnd = isNear && !isOr && (between.Length == 0 || And().IsMatch(between));
                // "A, C and D" ends with its "and": what comes after another comma is something else, as is an option that was there.
                var isWord = between.Any(char.IsLetter);
                if ((isOr || (isAnd && (isWord || !isClosed))) && !current.Exists(m => m.Key == mention.Key))
                {
                    isAlternative |= isOr;
                    isClosed |= isWord;
                    current.Add(mention);
                    continue;
                }

                groups.Add(new MentionGroup([.. current], isAlternative));
                current.Clear();
                isClosed = false;
            }

            isAlternative = EitherBefore().IsMatch(Text[Math.Max(0, mention.Start - 20)..mention.Start]);
            current.Add(mention);
        }

        if (current.Count > 0)
        {
            groups.Add(new MentionGroup([.. current], isAlternative));
        }

        return groups;
    }

    // Options one after another, in order, are a list of them.
    private List<MentionGroup> Listed(List<MentionGroup> groups)
    {
        var result = groups.ToList();
        var begin = 0;
        while (begin < groups.Count)
        {
            var end = begin + 1;
            while (end < groups.Count && Follows(groups[end - 1], groups[end]) && (AreLeads(groups[begin], groups[end]) || AreLines(groups[end - 1], groups[end])))
            {
                end++;
            }

            if (end - begin > 1 || groups[begin].Mentions.Count > 2 && OptionsAre().IsMatch(Text[Math.Max(0, groups[begin].Start - 40)..groups[begin].Start]))
            {
                for (var i = begin; i < end; i++)
                {
                    result[i] = groups[i] with { IsListed = true };
                }
            }

            begin = end;
        }

        return result;
    }

    private static bool AreLeads(MentionGroup first, MentionGroup other) =>
        first.Mentions[0].IsLead && other.Mentions[0].IsLead && (first.Mentions[0].IsLineLead || !other.Mentions[0].IsLineLead);

    // Two lines, one below the other, with nothing but an option each.
    private bool AreLines(MentionGroup first, MentionGroup other) =>
        NextLine().IsMatch(Text[first.End..other.Start]) && IsLine(first) && IsLine(other);

    private bool IsLine(MentionGroup group)
    {
        var start = group.Start == 0 ? 0 : Text.LastIndexOf('\n', group.Start - 1) + 1;
        var end = Text.IndexOf('\n', group.End) is >= 0 and var stop ? stop : Text.Length;
        return !Text[start..group.Start].Any(char.IsLetterOrDigit) && !Text[group.End..end].Any(char.IsLetterOrDigit);
    }

    private static bool Follows(MentionGroup before, MentionGroup after) => string.CompareOrdinal(before.Mentions[^1].Key, after.Mentions[0].Key) < 0;

    private List<MentionGroup> Judged(List<MentionGroup> groups)
    {
        var result = new List<MentionGroup>(groups.Count);
        for (var i = 0; i < groups.Count; i++)
        {
            var group = groups[i];
            var stance = Verdicts.Of(Text, At(group.Start).Start, group.Start, group.End);
            if (stance == Stance.Neutral && i > 0 && result[^1].Start >= At(group.Start).Start && LikeTheOther().IsMatch(Text[group.End..Math.Min(Text.Length, group.End + 20)]))
            {
                stance = result[^1].Stance;
            }

            if (stance == Stance.Neutral && group.IsListed)
            {
                // An item ends where the next one begins, or with its paragraph.
                var end = i + 1 < groups.Count && groups[i + 1].IsListed ? groups[i + 1].Start : Paragraph().Match(Text, group.End) is { Success: true } paragraph ? paragraph.Index : Text.Length;
                end = OtherItem(groups, i, end);
                stance = Verdicts.OfItem(Text[group.End..Math.Max(group.End, end)]);
            }

            result.Add(group with { Stance = stance });
        }

        return result;
    }

    // Words of other options inside of an item do not end it; the next listed label does.
    private static int OtherItem(List<MentionGroup> groups, int item, int end)
    {
        for (var i = item + 1; i < groups.Count && groups[i].Start < end; i++)
        {
            if (groups[i].IsListed)
            {
                return groups[i].Start;
            }
        }

        return end;
    }

    private List<Sentence> Split(List<Mention> mentions)
    {
        var sentences = new List<Sentence>();
        var start = 0;
        var next = 0;
        foreach (Match match in SentenceEnd().Matches(Text))
        {
            while (next < mentions.Count && mentions[next].End <= match.Index)
            {
                next++;
            }

            var isInMention = next < mentions.Count && mentions[next].Start <= match.Index && mentions[next].End > match.Index && Text[match.Index] != '\n';
            if (!isInMention && match.Index + match.Length > start)
            {
                if (!string.IsNullOrWhiteSpace(Text[start..match.Index]))
                {
                    sentences.Add(new Sentence(start, match.Index + match.Length));
                }

                start = match.Index + match.Length;
            }
        }

        if (sentences.Count == 0 || !string.IsNullOrWhiteSpace(Text[start..]))
        {
            sentences.Add(new Sentence(start, Text.Length));
        }

        return sentences;
    }

    [GeneratedRegex(@"[.!?…]+[""'”’)]*(?=\s|$)|(?<=\p{L})\.(?=\p{Lu}\p{Ll})|[。！？；]|;(?=\s)|\n+")]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@"\n\s*\n|\n(?=(?:so|thus|therefore|hence|in conclusion|overall|the (?:correct |final )?answer|final answer|answer)\b)", RegexOptions.IgnoreCase)]
    private static partial Regex Paragraph();

    [GeneratedRegex(@"^[\s).:\]]*(?:[-–—:=,]\s*|\(\s*|is\s+)?[""“']?(?:(?:the|an?)\s)?[""“'$]*\z", RegexOptions.IgnoreCase)]
    private static partial Regex OwnTextAfter();

    [GeneratedRegex(@"^[\s,:.$–—-]*(?:\()?(?:(?:which is|i\.e\.,?|that is,?|so)\s+)?\z", RegexOptions.IgnoreCase)]
    private static partial Regex LabelAfter();

    [GeneratedRegex(
        @"^[)""”'$]?\s*(?:[,，、]\s*)?(?:(?<=,\s)\b(?:maybe|perhaps|possibly)|\b(?:or|nor|versus|vs\.?|oder|ou|o|u|oppure|noch)\b|[/|]|或者?|还是|還是|または|もしくは|か|또는|이나|거나)\s*(?:(?:maybe|perhaps|possibly|else|even|also|the|a|an|option|choice|answer|figure|picture)\s+)*[(""“'$]?\z",
        RegexOptions.IgnoreCase)]
    private static partial Regex Or();

    [GeneratedRegex(
        @"^[)""”'$]?\s*(?:[,，、;]\s*(?:(?:and|but also|and also)\s+)?|(?:and|&|\+|as well as|along with|together with|plus|but also|und|et|e|y|sowie)\s+(?:also\s+)?|&|[和与與及]|以及|と|、|와|과|하고|및)\s*(?:(?:the|option|choice|answer|figure|picture)s?\s+)*[(""“'$]?\z",
        RegexOptions.IgnoreCase)]
    private static partial Regex And();

    // "A is wrong, D as well."
    [GeneratedRegex(@"^[\s)]*,?\s*(?:is\s+)?(?:as well|too|likewise)\b(?!\s+\p{L})", RegexOptions.IgnoreCase)]
    private static partial Regex LikeTheOther();

    [GeneratedRegex(@"^[^\p{L}\d\n]*\n[^\p{L}\d\n]*\z")]
    private static partial Regex NextLine();

    [GeneratedRegex(@"\b(?:either|neither|entweder|weder|soit|between)\s+(?:(?:the|option|choice)\s+)*\(?\z", RegexOptions.IgnoreCase)]
    private static partial Regex EitherBefore();

    [GeneratedRegex(@"\b(?:options|choices|answers|candidates|possibilities)(?:\s+(?:are|given|listed|here|to choose from))*\s*:?\s*\(?\z|选项(?:有|是|为)?\s*:?\s*\z", RegexOptions.IgnoreCase)]
    private static partial Regex OptionsAre();
}
