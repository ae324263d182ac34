using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Choices;

/// <summary>
/// Finds the text of a passage that chooses an option: statements, verdicts ("B is right"), an option alone at the beginning or the
/// end, and conclusions ("so it is B").
/// </summary>
internal sealed partial class Decisions(Passage passage, Options options)
{
    private readonly Statements statements = new(passage, options);

    private string Text => passage.Text;

    /// <summary>
    /// The choice in a part of the text; null if there is none, and without keys if several options are left open.
    /// </summary>
    public ChoiceReading? In(int start, int end)
    {
        if (passage.Groups.Count == 0 && !Text.AsSpan(start, end - start).ContainsAnyInRange('0', '9'))
        {
            return null;
        }

        var stated = statements.In(start, end).Concat(AtEnds(start, end)).OrderBy(s => s.Place).ToList();
        var right = Right(start, end);
        if (stated is not [.., var last])
        {
            return right ?? Concluded(start, end);
        }

        // A later "B is right" corrects a statement; items of a list explain it, and "C is right, too" adds to it.
        var after = passage.In(last.Place, end).Where(g => !g.IsListed).ToList();
        var corrected = after.Where(g => g.Stance == Stance.Affirmed && g.Start > last.Place).ToList();
        var added = after.Where(g => g.Stance == Stance.AlsoAffirmed && g.Start > last.Place).SelectMany(g => g.Keys).ToList();
        return corrected.SelectMany(g => g.Keys).Distinct().Count() == 1 ? ChoiceReading.Of(corrected[^1], Rule(corrected[^1]))
            : last.Reading.Keys.Count == 0 ? last.Reading
            : ChoiceReading.Of(last.Reading.Keys.Concat(added), last.Reading.Rule);
    }

    /// <summary>The options of a part of the text that consists of options only; null otherwise.</summary>
    public ChoiceReading? Alone(int start, int end) =>
        passage.In(start, end).ToList() is [{ Stance: not Stance.Rejected } group] && group.End <= end + 1
            && Statements.IsLight(Text[start..group.Start], group.Form, options) && NoWords().IsMatch(Text[Math.Min(group.End, end)..end])
            ? ChoiceReading.Of(group, Rule(group))
            : null;

    /// <summary>The rule under which a group counts as found.</summary>
    public static AnswerRule Rule(MentionGroup group) => group.Form == MentionForm.Words && group.Mentions.All(m => m.Form == MentionForm.Words) ? AnswerRule.OptionText : AnswerRule.OptionLetter;

    // Options that are said to be right; of those that only fit, the only one.
    private ChoiceReading? Right(int start, int end)
    {
        var groups = passage.In(start, end).ToList();
        List<MentionGroup> right = [.. groups.Where(g => g.Stance is Stance.Affirmed or Stance.AlsoAffirmed)];
        if (right.Count > 0 && right.TrueForAll(g => g.Stance == Stance.AlsoAffirmed) && groups.Exists(g => g.Stance != Stance.Rejected && g.Form != MentionForm.Faint && g.Keys.Except(right[0].Keys).Any()))
        {
            return ChoiceReading.Open;
        }

        if (right.Count == 0)
        {
            right = [.. groups.Where(g => g.Stance == Stance.Fitting && !groups.Exists(o => o.Stance == Stance.Rejected && o.Start > g.Start && o.Keys.Intersect(g.Keys).Any()))];
        }

        return right.Count == 0 ? null
            : right.Exists(g => g.IsAlternative && g.Keys.Count > 1) ? ChoiceReading.Open
            : ChoiceReading.Of(right.SelectMany(g => g.Keys), Rule(right[^1]));
    }

    // "C" on the first line or the last, "B. 12 cm", "B because …", "Yes, …"
    private IEnumerable<Statement> AtEnds(int start, int end)
    {
        var body = Text[start..end];
        var from = start + (body.Length - body.TrimStart().Length);
        var to = start + body.TrimEnd().Length;
        if (from >= to)
        {
            yield break;
        }

        var firstEnd = Text.IndexOf('\n', from, to - from) is >= 0 and var line ? line : to;
        if (Opening(from, firstEnd) is { } opening)
        {
            yield return opening;
        }

        var lastStart = Text.LastIndexOf('\n', to - 1, to - from) + 1;
        if (lastStart > from && !Hedge().IsMatch(Text[lastStart..to]) && (Alone(lastStart, to) ?? LeadOf(lastStart, to)) is { } closing && !passage.In(lastStart, to).First().IsListed)
        {
            yield return new Statement(lastStart, closing);
        }
    }

    private Statement? Opening(int start, int end)
    {
        if (Hedge().IsMatch(Text[start..(passage.In(start, end).FirstOrDefault()?.Start ?? start)]))
        {
            return null;
        }

        if (Alone(start, end) is { } alone && !passage.In(start, end).First().IsListed)
        {
            return new Statement(start, alone);
        }

        if (LeadOf(start, end) is { } lead)
        {
            return new Statement(start, lead);
        }

        // "B because …", "B, since …", "Yes, …", "A sheep."
        return passage.In(start, end).FirstOrDefault() is { Stance: not Stance.Rejected, IsListed: false } group && group.Keys.Count == 1
            && Text[Math.Min(group.End, end)..end] is var rest && Statements.IsLight(Text[start..group.Start], group.Form, options) && (Reason().IsMatch(rest) || (!options.HaveTexts && NameAfter().IsMatch(rest)))
            && (group.Form != MentionForm.Words || !passage.In(group.End, passage.At(group.Start).End).Any(g => g.Form == MentionForm.Words && g.Stance != Stance.Rejected))
            ? new Statement(start, ChoiceReading.Of(group, Rule(group)))
            : null;
    }

    // "B. 12 cm", where no list of options goes on.
    private ChoiceReading? LeadOf(int start, int end) =>
        passage.In(start, end).FirstOrDefault() is { IsListed: false, Stance: not Stance.Rejected } group && group.Mentions[0].IsLead && NoWords().IsMatch(Text[start..group.Start])
            ? ChoiceReading.Of(group, Rule(group))
            : null;

    // "So it is B": right after the words that conclude in any sentence, anywhere after them in the last.
    private ChoiceReading? Concluded(int start, int end)
    {
        MentionGroup? found = null;
        foreach (Match cue in Conclusion().Matches(Text))
        {
            var after = cue.Index + cue.Length;
            if (cue.Index < start || after >= end)
            {
                continue;
            }

            var sentence = passage.At(cue.Index);
            if (!Supposed().IsMatch(Text[sentence.Start..cue.Index]) && passage.In(after, Math.Min(end, sentence.End)).FirstOrDefault() is { Stance: not Stance.Rejected, IsListed: false } group
                && Statements.IsLight(Text[after..group.Start], group.Form, options) && Completed().IsMatch(Text[group.End..Math.Max(group.End, Math.Min(end, sentence.End))]))
            {
                found = group;
            }
        }

        var last = passage.At(end - 1);
        return found is not null && found.Start >= last.Start ? ChoiceReading.Of(found, Rule(found))
            : ConcludedLast(Math.Max(start, last.Start), end) ?? (found is null ? null : ChoiceReading.Of(found, Rule(found)));
    }

    private ChoiceReading? ConcludedLast(int start, int end)
    {
        if (Conclusion().Match(Text, start, end - start) is not { Success: true } cue || Supposed().IsMatch(Text[start..cue.Index]))
        {
            return null;
        }

        List<MentionGroup> after = [.. passage.In(cue.Index, end).Where(g => g.Stance != Stance.Rejected && g.Form != MentionForm.Faint && !g.IsListed)];
        foreach (var form in new[] { MentionForm.Marked, MentionForm.Words, MentionForm.Bare })
        {
            List<MentionGroup> named = [.. after.Where(g => g.Form == form)];
            if (named.Count > 0)
            {
                return named.SelectMany(g => g.Keys).Distinct().Count() == 1 ? ChoiceReading.Of(named[0], Rule(named[0])) : null;
            }
        }

        return null;
    }

    [GeneratedRegex(@"^[^\p{L}\d]*\z")]
    private static partial Regex NoWords();

    [GeneratedRegex(@"\b(?:maybe|perhaps|possibly|might|could)\b|可能|也许", RegexOptions.IgnoreCase)]
    private static partial Regex Hedge();

    [GeneratedRegex(@"\b(?:if|otherwise|unless|whether)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Supposed();

    [GeneratedRegex(@"^[\s)\]""'”$]*(?:[.,;!。，；！—–]|-\s|\n|because\b|since\b|as\b(?! (?:well|a|an)\b)|due to\b|given\b|for the\b|$|weil\b|denn\b|car\b|parce\b|porque\b|perché\b|因为|,?\s*not\b)", RegexOptions.IgnoreCase)]
    private static partial Regex Reason();

    // "C Cecile": a letter with its option's text, which only the picture has.
    [GeneratedRegex(@"^\s\p{Lu}\p{Ll}+\W*\z")]
    private static partial Regex NameAfter();

    [GeneratedRegex(@"^[\s)\]""'”$]*(?:[.,;!。，；！\n]|$|[—–]|-\s|because\b|since\b|as\b(?! (?:well|a|an)\b)|given\b|not\b|rather\b|instead\b|だ|です|입니다|이다|で|了|吧|项|選項|选项|,|而|\(|that (?:is|has|shows))", RegexOptions.IgnoreCase)]
    private static partial Regex Completed();

    [GeneratedRegex(
        @"\b(?:so|thus|therefore|hence|consequently|accordingly|in conclusion|conclu\w+|final(?:ly)?|overall|must be|should be|it['’]s|it is|this is|that is|these are|they are|that['’]s|which is|which means|this means|that means|means|leaves?|leaving|left with|points? to|indicates?|i think|i believe|i guess|i['’]d say|i['’]m (?:going|confident|sure)|looks like|seems like|seems to be|appears to be|matches|corresponds to|consistent with|best (?:described|matches)|also|donc|daher|deshalb|quindi|por (?:lo )?tanto|entonces|portanto|logo)\b|∴|⇒|=>|→|->|因此|所以|故|综上|可知|应为|应该是|就是|而是|よって|したがって|따라서|그러므로",
        RegexOptions.IgnoreCase)]
    private static partial Regex Conclusion();
}
