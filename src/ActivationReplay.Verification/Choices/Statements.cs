using System.Text.RegularExpressions;
using ActivationReplay.Verification.Extraction;

namespace ActivationReplay.Verification.Choices;

/// <summary>A statement of the answer: its index in the text, and the options that it chooses.</summary>
internal readonly record struct Statement(int Place, ChoiceReading Reading);

/// <summary>Finds statements of the answer, which follow "the answer is", "I choose", "答案是" and the like.</summary>
internal sealed partial class Statements(Passage passage, Options options)
{
    private string Text => passage.Text;

    /// <summary>
    /// The statements in a part of the text, in order. Suppositions, questions and opinions of others do not count.
    /// </summary>
    public IEnumerable<Statement> In(int start, int end)
    {
        foreach (Match cue in Cue().Matches(Text))
        {
            var after = cue.Index + cue.Length;
            if (cue.Index < start || after > end)
            {
                continue;
            }

            var sentence = passage.At(cue.Index);
            if (!Supposed().IsMatch(Text[sentence.Start..cue.Index]) && !DenyingBefore().IsMatch(Text[sentence.Start..cue.Index]) && Complement(after, end) is { } statement)
            {
                yield return statement;
            }
        }
    }

    /// <summary>
    /// Whether a text consists of words that may stand between "the answer is" and an option, such as "clearly the option (".
    /// </summary>
    public static bool IsLight(string between, MentionForm form, Options options) =>
        (form == MentionForm.Words ? LightBeforeWords() : options.HaveTexts ? Light() : LightBeforeDrawn()).IsMatch(between);

    private Statement? Complement(int from, int end)
    {
        var begin = from;
        while (begin < end && (char.IsWhiteSpace(Text[begin]) || Text[begin] is ':' or '*' or '"'))
        {
            begin++;
        }

        if (begin >= end)
        {
            return null;
        }

        var to = Math.Min(end, passage.At(begin).End);
        if (Text[begin..to].TrimEnd().EndsWith('?'))
        {
            return null;
        }

        // A group may begin with the cue's last word: "option C".
        List<MentionGroup> groups = [.. passage.Groups.SkipWhile(g => g.Mentions[0].End <= from).TakeWhile(g => g.Start < to)];
        if (groups is [var first, ..] && IsLight(Text[Math.Min(from, first.Start)..first.Start], first.Form, options))
        {
            return first.Stance == Stance.Rejected ? Contrast(groups)
                : first.IsListed || Conditional().IsMatch(Text[first.End..Math.Max(first.End, to)]) ? null
                : new Statement(first.Start, Contradicts(groups) ? ChoiceReading.Open : ChoiceReading.Of(first, AnswerRule.AnswerPhrase));
        }

        if (Denial().IsMatch(Text[begin..to]))
        {
            return Contrast(groups);
        }

        var clause = ClauseEnd().Match(Text, begin, to - begin) is { Success: true } stop ? stop.Index : to;
        return Within(groups.Where(g => g.Start < clause && g.Stance != Stance.Rejected), begin, clause);
    }

    // "Not A but B": the one that is left after those that are denied.
    private Statement? Contrast(List<MentionGroup> groups) =>
        groups.Where(g => g.Stance != Stance.Rejected && g.Form != MentionForm.Faint).ToList() is [var only] && ContrastBefore().IsMatch(Text[..only.Start][^Math.Min(only.Start, 30)..])
            ? new Statement(only.Start, ChoiceReading.Of(only, AnswerRule.AnswerPhrase))
            : null;

    // "12 cm (C)", where 12 cm is B: two answers.
    private bool Contradicts(List<MentionGroup> groups) => groups is [{ Form: MentionForm.Words } first, { Form: MentionForm.Marked } second, ..]
        && Text[first.End..second.Start].Trim(' ', ',', '(', '$').Length == 0 && !first.Keys.SequenceEqual(second.Keys);

    // The option is somewhere in the clause: by its text, its value, or its letter.
    private Statement? Within(IEnumerable<MentionGroup> groups, int begin, int end)
    {
        List<MentionGroup> candidates = [.. groups];
        foreach (var form in new[] { MentionForm.Words, MentionForm.Marked })
        {
            List<MentionGroup> named = [.. candidates.Where(g => g.Form == form)];
            if (named.SelectMany(g => g.Keys).Distinct().Count() == 1)
            {
                return new Statement(named[0].Start, ChoiceReading.Of(named[0], AnswerRule.AnswerPhrase));
            }

            if (form == MentionForm.Words && named.Count == 0 && AnswerFinder.Find(Text[begin..end], AnswerTargets.Mathematics)?.Term is { } value && options.ByValue(value) is { } key)
            {
                return new Statement(begin, ChoiceReading.Of([key], AnswerRule.AnswerPhrase));
            }

            if (form == MentionForm.Marked && named.Count > 1)
            {
                return new Statement(begin, ChoiceReading.Open);
            }
        }

        return null;
    }

    [GeneratedRegex(
        @"\b(?:answers?|solution|(?:correct|right|best|final|matching|appropriate)\s+(?:options?|choices?|ones?|responses?|letters?|statements?|pictures?|figures?|images?|graphs?|diagrams?|selection)|option|choice|pick|selection|guess|vote|verdict|conclusion|letter|(?:incorrect|false|wrong|odd|true)\s+(?:statements?|sentences?|claims?|one(?:\s+out)?|ones))[""'”]?"
        + @"\s*(?:\((?:letter|option|s)\)\s*)?(?:(?:to|for|of|that|which|in|here|based|would\s+then)\s[^.\n:]{0,80}?\s)?(?:here\s+|then\s+|therefore\s+|thus\s+|clearly\s+)?"
        + @"(?:\b(?:is|are|would be|should be|must be|has to be|have to be|will be|seems to be|seems|appears to be|might be|may be|could be|becomes|remains)\b|['’]s\b|=>?|[:：→])\s*[:：]?"
        + @"|(?:^|\n)(?:\W*)(?:the\s+)?(?:final|correct|my)?\s*(?:answers?|choice|option)\s*(?:[:：])?\s*\n+"
        + @"|\b(?:(?:i|we|i['’]d|i['’]ll|we['’]d|i['’]m|you|to|would|will|should|must|can|let['’]s|please|and|so|thus|therefore|hence|then|me|one)\s+(?:\w+ly\s+)?)?(?:choose|pick|select|chose|picked|selected|choosing|picking|selecting|go(?:ing)? with|opt(?:ing)? for|settle on|vote for|stick with|say)\s"
        + @"|答案(?:应该|应|就|最终)?(?:是|为|為|选|選|应为)?\s*[:：]?|(?:应|應|故|所以|因此|应该|我|就|则)(?:选|選)(?:择|擇)?\s*[:：]?|(?<![可备備候挑不非别勿未])(?:选|選)(?:择|擇)?(?=\s*[:：]?\s*\(?[A-Z])|正确(?:的)?(?:选项|答案)?(?:是|为)\s*[:：]?|正確(?:的)?(?:選項|答案)?(?:是|為)\s*[:：]?"
        + @"|(?:正解|答え|解答|回答|正しい(?:の|選択肢|答え))\s*(?:は|[:：])\s*|(?:정답|답|답안|올바른 답)\s*(?:은|는|[:：])\s*"
        + @"|\b(?:antwort|lösung|richtig(?:\s+ist)?(?=\s+(?:ist|:)|\s*:)|réponse|solution|respuesta|resposta|risposta|opci(?:ón|ones)|opção|alternativa|ответ|đáp án)(?:\s+(?:correcta?|corrett?a|correct[oa]|exacte|finale?|final|richtige|lautet|certa|giusta))?\s*(?:\b(?:ist|lautet|wäre|est|es|é|è|là|sería|son|sont)\b|[:：—-])\s*[:：]?|\brichtig ist\b"
        + @"|\b(?:ich wähle|je choisis|elijo|escojo|escolho|scelgo)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Cue();

    // What the writer does not say of their own, or says to take it back.
    [GeneratedRegex(
        @"\b(?:(?:might|may|could|would)\s+(?:be tempted|think|say|choose|pick|select|assume|guess|have|expect|suggest)|tempt(?:ed|ing)|initially|at first|first glance|common (?:mistake|error)|many (?:people|students)|some (?:people|students|would|may|might)|someone|would have|(?:was|were) going to|had (?:i|we|it)|wrongly|mistaken(?:ly)?|incorrectly|it would be (?:wrong|incorrect)|(?:before|without|instead of|than|not|n['’]t|cannot)(?:\s+(?:to|be|simply|just|we|i|you|want|going to))*)\s*[^,;]{0,25}\z|\bif\b[^.]{0,120}\b(?:then|,)?\s*(?:the\s+(?:correct\s+)?)?\z(?<!\bif we (?:add|count|look|compare|subtract|multiply|divide|measure|read|use)\b.*)|\bhow to\s*\z",
        RegexOptions.IgnoreCase)]
    private static partial Regex Supposed();

    [GeneratedRegex(@"\b(?:incorrect|wrong|false|worst|unlikely|not (?:the|a|an)(?: \w+)?|isn['’]t (?:the|a|an)(?: \w+)?|neither(?: \w+)?|no|which|what|none of the|each|every|other|any|one of the|two|both|all(?: the)?|these|those|remaining|first|second|third|last)\s+\z|(?:错误|不正确|错误的|錯誤)的?\z", RegexOptions.IgnoreCase)]
    private static partial Regex DenyingBefore();

    [GeneratedRegex(@"^\W*(?:if|unless|provided|assuming|only if|when (?!we))\b", RegexOptions.IgnoreCase)]
    private static partial Regex Conditional();

    [GeneratedRegex(@"^\W*(?:not\b|isn['’]t|neither\b|none\b|no\b|不是|并非|nicht\b|pas\b)", RegexOptions.IgnoreCase)]
    private static partial Regex Denial();

    [GeneratedRegex(@"(?:\bbut(?:\s+(?:rather|instead))?|\brather|\binstead|\bit['’]?s|\bit is|\bthat is|\bis|而是|应是|应该是|是|\bsondern|\bmais|\bsino|\bmas|\bma|[,;:])\s*(?:(?:the|an?|option|choice|la|le|die|der|das)\s+)*[(""“$]*\z", RegexOptions.IgnoreCase)]
    private static partial Regex ContrastBefore();

    [GeneratedRegex(@"[.;!?。；](?=\s|$)|,?\s+(?:because|since|as|so that|which|but|while|whereas|rather than|instead of)\s|因为|，")]
    private static partial Regex ClauseEnd();

    private const string LightWord =
        @"is|be|it['’]?s|it is|that['’]?s|[\p{L}]+ly|likely|therefore|thus|then|so|indeed|most|for sure|simply|just|to be|to|the|would|should|must|of course|here|i think|i believe|i guess|probably|maybe|perhaps|option|choice|letter|answer|number|figure|picture|image|graph|diagram|panel|shape|statement|item|marked|labell?ed|either|both|only|la|le|les|el|los|las|die|der|das|il|l['’]|a|o|option|opción|opções|opção|alternativa|letra|lettre|lettera|réponse|respuesta|risposta|buchstabe|antwort|ist|est|es";

    [GeneratedRegex($@"^(?:[\s:""'“”*_\-–—→>~=,(\[$#]|\b(?:{LightWord})(?![\p{{L}}])|选项|選項|是|为|為|应该|图|第|「|\u300E)*\z", RegexOptions.IgnoreCase)]
    private static partial Regex Light();

    // The picture says what is drawn: "the answer is lamp B".
    [GeneratedRegex($@"^(?:[\s:""'“”*_\-–—→>~=,(\[$#]|\b(?:{LightWord})(?![\p{{L}}])|选项|選項|是|为|為|应该|图|第|「)*(?:\b\p{{L}}+\s+)?\(?\z", RegexOptions.IgnoreCase)]
    private static partial Regex LightBeforeDrawn();

    [GeneratedRegex($@"^(?:[\s:""'“”*_\-–—→>~=,(\[$]|\b(?:{LightWord}|an|about|approximately|around|exactly|at|in|on|from|equal to|her|his|its|their|this|that|un|une|una|uno|ein|eine|einen)(?![\p{{L}}])|选项|選項|是|为|為|应该|一[只个個张把辆条頭头匹棵朵]|在|约|「)*\z", RegexOptions.IgnoreCase)]
    private static partial Regex LightBeforeWords();
}
