using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Choices;

/// <summary>
/// Finds labels of options, letters or numbers, in plain text (<see cref="ChoiceText.Plain"/>). A letter that is an article, a
/// pronoun, a unit, or the name of a point, a vitamin or a variable is not a label (<see cref="LetterNoise"/>).
/// </summary>
internal sealed partial class LabelReader(Options options)
{
    private const int Window = 60;

    /// <summary>The labels in a text, in order.</summary>
    public IReadOnlyList<Mention> Find(string text)
    {
        var formulas = Formula().Matches(text).Where(m => !Prose().IsMatch(m.Value)).Select(m => (Start: m.Index, End: m.Index + m.Length)).ToList();
        var found = new List<Mention>();
        var noiseEnd = -1;
        foreach (Match match in (options.AreNumbers ? Number() : Letter()).Matches(text))
        {
            if (match.Length > 1 && !options.AreNumbers)
            {
                found.AddRange(Compact(match));
                continue;
            }

            var key = options.AreNumbers ? match.Value.TrimStart('0') : match.Value.ToUpperInvariant();
            if (!options.Has(key))
            {
                continue;
            }

            // A label joined to one that names a point names a point, too: "points A and B".
            var isJoined = noiseEnd >= 0 && Joint().IsMatch(text[noiseEnd..match.Index]);
            if (!isJoined && Read(text, match.Index, match.Index + match.Length, key, formulas) is { } mention)
            {
                found.Add(mention);
            }
            else
            {
                noiseEnd = match.Index + match.Length;
            }
        }

        return found;
    }

    private Mention? Read(string text, int start, int end, string key, List<(int Start, int End)> formulas)
    {
        var isOpen = start > 0 && text[start - 1] == '(';
        var isClosed = end < text.Length && text[end] == ')';
        var from = isOpen ? start - 1 : start;
        var to = isClosed ? end + 1 : end;
        var before = text[Math.Max(0, from - Window)..from];
        var after = text[to..Math.Min(text.Length, to + Window)];

        var word = OptionWord().Match(before);
        var isNamed = word.Success || OptionWordAfter().IsMatch(after);
        var isBeforeOwnText = OwnTextAhead().Match(text, end) is { Success: true } ahead && options.IsAt(key, text, ahead.Index + ahead.Length);
        var isMarked = (isOpen && isClosed) || isNamed || isBeforeOwnText;
        var lead = (isBeforeOwnText || LeadBefore().IsMatch(before)) && (isOpen && isClosed ? LeadAfterParenthesis() : LeadAfter()).Match(text[end..Math.Min(text.Length, end + Window)]) is { Success: true } mark
            ? (IsLead: true, End: end + mark.Groups["mark"].Length)
            : (IsLead: false, End: to);
        var form = MentionForm.Marked;
        if (formulas.Exists(f => f.Start < start && f.End > end && text[f.Start..f.End].Trim('$', ' ', '(', ')') != text[start..end]))
        {
            return null;
        }

        if (!isNamed && isMarked && LetterNoise.IsGloss(before, key, options))
        {
            return null;
        }

        if (!isMarked)
        {
            var isSmall = char.IsLower(text[start]) || options.AreNumbers;
            var noise = LetterNoise.Of(before, after, text[start..end], options);
            if (noise == Noise.Certain || (isSmall && !options.AreNumbers && !LetterNoise.EndsThere(after)))
            {
                return null;
            }

            var isFormula = start > 0 && end < text.Length && text[start - 1] == '$' && text[end] == '$';
            form = isSmall || isFormula || noise == Noise.Possible ? MentionForm.Faint : MentionForm.Bare;
        }

        return new Mention(word.Success ? from - word.Length : from, lead.End, key, form)
        {
            IsLead = lead.IsLead,
            IsLineLead = lead.IsLead && LineStart().IsMatch(before),
        };
    }

    // "AC": several options without a space, where they are in order.
    private IEnumerable<Mention> Compact(Match match)
    {
        var letters = match.Value;
        for (var i = 0; i < letters.Length; i++)
        {
            if (!options.Has(letters[i].ToString()) || (i > 0 && letters[i] <= letters[i - 1]))
            {
                yield break;
            }
        }

        for (var i = 0; i < letters.Length; i++)
        {
            yield return new Mention(match.Index + i, match.Index + i + 1, letters[i].ToString(), MentionForm.Faint);
        }
    }

    private const string Latin = @"[\p{IsBasicLatin}\p{IsLatin-1Supplement}\p{IsLatinExtended-A}-[\W]]";

    [GeneratedRegex($@"(?<!{Latin}|[\\^])(?:[A-Za-z]|[A-J]{{2,6}})(?!{Latin}|\^)")]
    private static partial Regex Letter();

    [GeneratedRegex(@"(?<![\p{IsBasicLatin}-[\W]]|[\\^.,/−]|\d\s?[-:]|(?<![\s(])-)\d{1,2}(?![\p{IsBasicLatin}-[\W]]|[%°^]|[.,/:]\d)")]
    private static partial Regex Number();

    [GeneratedRegex(@"\$[^$\n]{1,200}\$")]
    private static partial Regex Formula();

    // Money, not a formula: "$5 and then $7".
    [GeneratedRegex(@"(?<![\\\p{L}])\p{L}{2,}\s+\p{L}{2,}")]
    private static partial Regex Prose();

    [GeneratedRegex(@"^\)?\s*(?:,|&|、|和|与|及|,?\s*(?:and|or)|[-–])\s*\(?\z", RegexOptions.IgnoreCase)]
    private static partial Regex Joint();

    [GeneratedRegex(
        @"(?:\b(?:options?|choices?|answers?|letters?|alternatives?|responses?|opci(?:ón|ones)|opção|alternativa|réponse|respuesta|resposta|risposta|antwort|lettre|letra|lettera|buchstabe|no\.|number)\s+(?:no\.\s*|#)?|(?:选项|選項|答案|選択肢|보기|선택지|第)\s*|#)\z",
        RegexOptions.IgnoreCase)]
    private static partial Regex OptionWord();

    [GeneratedRegex(@"^\s?(?:选项|選項|项|項|号|番|번|\s(?:option|choice)\b(?!\s+is\s+that))")]
    private static partial Regex OptionWordAfter();

    [GeneratedRegex(@"(?:^|[\n.!?;:,。；，：、)]\s*|[✓✗]\s*|(?:^|\n)\s*(?:option|choice|answer|statement|picture|figure|image|选项|選項)\s*)(?:[""“']\s*)?\z", RegexOptions.IgnoreCase)]
    private static partial Regex LeadBefore();

    [GeneratedRegex(@"^(?<mark>[.):](?=\s|\p{IsCJKUnifiedIdeographs})|\.(?=\p{L}{2}))|^(?<mark>)\s[-–—]\s")]
    private static partial Regex LeadAfter();

    [GeneratedRegex(@"\G(?:[.):]+[ ]?|[ ]?\(|[ ][-–—=:][ ])(?:the |an? )?", RegexOptions.IgnoreCase)]
    private static partial Regex OwnTextAhead();

    [GeneratedRegex(@"^(?<mark>\)[.:]?)")]
    private static partial Regex LeadAfterParenthesis();

    [GeneratedRegex(@"(?:^|\n)\s*(?:[✓✗]\s*)?(?:option|choice|answer|statement|picture|figure|image|选项|選項)?\s*[""“']?\z", RegexOptions.IgnoreCase)]
    private static partial Regex LineStart();
}
