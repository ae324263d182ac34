using System.Text.RegularExpressions;
using ActivationReplay.Verification.Extraction;

namespace ActivationReplay.Verification.Choices;

/// <summary>Finds the only option that a passage mentions without stating that it is the answer.</summary>
internal sealed partial class Leanings(Passage passage, Options options)
{
    private string Text => passage.Text;

    /// <summary>The option; null if the passage mentions none, and without keys if it mentions several.</summary>
    public ChoiceReading? Find()
    {
        var denied = passage.Groups.Where(g => g.Stance == Stance.Rejected).SelectMany(g => g.Keys).ToHashSet();
        List<MentionGroup> left = [.. passage.Groups.Where(g => g.Form != MentionForm.Faint && g.Stance != Stance.Rejected && !g.Keys.All(denied.Contains))];
        if (left.Count == 0 && options.AreNumbers)
        {
            left = [.. passage.Groups.Where(g => g.Stance != Stance.Rejected)];
        }

        if (left.Count == 0)
        {
            return denied.Count > 0 ? ByElimination(denied) : ByValue() is { } value ? ChoiceReading.Of([value], AnswerRule.Number) : null;
        }

        List<MentionGroup> free = [.. left.Where(g => !g.IsListed)];
        if (free.Count == 0)
        {
            // Of a list the item that is left when all others are denied.
            var listed = left.SelectMany(g => g.Keys).Where(k => !denied.Contains(k)).Distinct().ToList();
            return listed.Count == 1 && options.AreAll([.. denied, .. listed]) ? ChoiceReading.Of(listed, Decisions.Rule(left[^1])) : ChoiceReading.Open;
        }

        return Final(free) ?? InLastSentence(free, denied) ?? Only(free, denied);
    }

    // The one option that is left when all others, two at least, are denied.
    private ChoiceReading? ByElimination(HashSet<string> denied) =>
        denied.Count > 1 && options.Except(denied) is [var left] ? ChoiceReading.Of([left], AnswerRule.OptionLetter) : null;

    // What the text ends with: "The one in the middle is B." Not where other sentences end so, too, with another option.
    private ChoiceReading? Final(List<MentionGroup> free)
    {
        List<MentionGroup> ends = [.. free.Where(g => g.Keys.Count == 1 && Ends(g))];
        return ends is [.., var last] && last == free[^1] && last.Start >= passage.Sentences[^1].Start
            && ends.TrueForAll(g => g.Keys[0] == last.Keys[0]) && (last.Form == MentionForm.Words || free.Count(g => g.Start >= passage.Sentences[^1].Start) == 1)
            ? ChoiceReading.Of(last, Decisions.Rule(last))
            : null;
    }

    private bool Ends(MentionGroup group)
    {
        var sentence = passage.At(group.Start);
        return NoWords().IsMatch(Text[Math.Min(group.End, sentence.End)..sentence.End])
            && Copula().IsMatch(Text[sentence.Start..group.Start]) && !Ordinal().IsMatch(Text[sentence.Start..group.Start]);
    }

    // The only text that the last sentence names, where the others name no other. Letters in brackets go before.
    private ChoiceReading? InLastSentence(List<MentionGroup> free, HashSet<string> denied)
    {
        List<MentionGroup> words = [.. free.Where(g => g.Form == MentionForm.Words)];
        if (free.Exists(g => g.Form == MentionForm.Marked) || words.Count == 0 || words[^1].Start < passage.Sentences[^1].Start)
        {
            return null;
        }

        var named = words.SelectMany(g => g.Keys).Where(k => !denied.Contains(k)).Distinct().ToList();
        return named.Count == 1 ? ChoiceReading.Of(named, AnswerRule.OptionText) : ChoiceReading.Open;
    }

    private static ChoiceReading? Only(List<MentionGroup> groups, HashSet<string> denied)
    {
        // Brackets before words, words before letters that may be anything.
        foreach (var form in new[] { MentionForm.Marked, MentionForm.Words, MentionForm.Bare, MentionForm.Faint })
        {
            List<MentionGroup> named = [.. groups.Where(g => g.Form == form)];
            var keys = named.SelectMany(g => g.Keys).Where(k => !denied.Contains(k)).Distinct().ToList();
            if (keys.Count > 0)
            {
                return keys.Count == 1 || named.Count == 1 && !named[0].IsAlternative ? ChoiceReading.Of(keys, Decisions.Rule(named[^1])) : ChoiceReading.Open;
            }
        }

        return null;
    }

    // The number that the last sentence ends with, or its only one.
    private string? ByValue()
    {
        var last = passage.Sentences[^1];
        var sentence = Text[last.Start..last.End];
        var text = EndValue().Match(sentence) is { Success: true } end ? end.Groups["value"].Value
            : Numbers().Count(sentence) == 1 || AnswerText.MayBeFormula(Text) ? sentence
            : "";
        return text.Length == 0 ? null : options.ByValue(AnswerFinder.Find(text, AnswerTargets.Mathematics)?.Term);
    }

    [GeneratedRegex(@"^[^\p{L}\d]*\z")]
    private static partial Regex NoWords();

    [GeneratedRegex(@"(?:\b(?<!\b(?:could|might|may|can|not)\s)(?:is|are|was|were|be|equals?|shows?|reads?|gives?|measures?|makes|becomes|means|has|get|yields?)|[=≈→:]|是|为|等于|だ|は)\s*(?:(?:the|an?|about|approximately|exactly|only|thus|therefore|a total of)\s+)*[(""“'$]*\z", RegexOptions.IgnoreCase)]
    private static partial Regex Copula();

    [GeneratedRegex(@"\b(?:first|second|third|fourth|fifth|last|other|another|next|option|choice)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Ordinal();

    [GeneratedRegex(@"(?:[=≈→]|\b(?:is|are|be|equals?|gives?|get|makes|totals?|totall?ing|measures?|shows?|reads?|yields?|has|have|about|approximately|exactly))\s*(?<value>[^=≈→]{1,60}?)[.!\s]*\z", RegexOptions.IgnoreCase)]
    private static partial Regex EndValue();

    [GeneratedRegex(@"\d+(?:[.,]\d+)*")]
    private static partial Regex Numbers();
}
