using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Choices;

/// <summary>Reads from the words around an option whether the text says that it is right or wrong.</summary>
internal static partial class Verdicts
{
    private const int Reach = 90;

    /// <summary>The stance of a sentence on the option at a place in it.</summary>
    /// <param name="text">The plain text.</param>
    /// <param name="from">The index at which the sentence begins.</param>
    /// <param name="start">The index at which the option begins.</param>
    /// <param name="end">The index after the option.</param>
    public static Stance Of(string text, int from, int start, int end)
    {
        var before = text[Math.Max(from, start - Reach)..start];
        var line = text.IndexOf('\n', end);
        var after = text[end..Math.Min(line < 0 ? text.Length : line, end + Reach)];
        if (AllBut().Match(before) is { Success: true } but)
        {
            var isDenied = DeniedAfter().IsMatch(after);
            var isRight = !isDenied && Affirmed().IsMatch(after);
            var isNone = but.Groups["none"].Success;
            return (isNone ? isRight : isDenied) ? Stance.Affirmed : (isNone ? isDenied : isRight) ? Stance.Rejected : Stance.Neutral;
        }

        if (DeniedAfter().IsMatch(after) || DeniedAfterInOthers().IsMatch(after))
        {
            return Stance.Rejected;
        }

        if (Affirmed().Match(after) is { Success: true } affirmed)
        {
            return DoubtedBefore().IsMatch(before) ? Stance.Neutral : IsAlso().IsMatch(affirmed.Value) ? Stance.AlsoAffirmed : Stance.Affirmed;
        }

        if (DeniedBefore().IsMatch(before) || DeniedBeforeInOthers().IsMatch(before))
        {
            return Stance.Rejected;
        }

        if (AlsoBefore().IsMatch(before))
        {
            return Stance.AlsoAffirmed;
        }

        return AffirmedInOthers().IsMatch(after) || AffirmedBefore().IsMatch(before) ? Stance.Affirmed
            : Fits().IsMatch(after) && !DoubtedBefore().IsMatch(before) ? Stance.Fitting
            : Stance.Neutral;
    }

    /// <summary>The verdict at the end of an item's text: "A: the horse has no horns, so this is wrong."</summary>
    public static Stance OfItem(string item) =>
        ItemVerdict().Matches(item) is not [.., var last] ? Stance.Neutral : last.Groups["no"].Success ? Stance.Rejected : Stance.Affirmed;

    // "not A", "it can't be (A)", "rule out option A", "neither A", "I don't think it is A".
    [GeneratedRegex(
        @"(?:(?:^|\n)✗|(?<!\bif )\bnot(?! only)|n['’]t(?:\s+(?:choose|pick|select|think|believe)(?:\s+(?:that\s+)?(?:it|this|the\s+(?:\w+\s+)?answer)(?:\s+(?:is|would be|can be|could be)|['’]s))?)?|\bcannot|\bnever|\bneither|\bnor|\brather than|\binstead of|\bas opposed to|\bunlike|\bexcept(?:\s+for)?|\bexclud\w*|\beliminat\w*|\brul\w+ out|\breject\w*|\bdiscard\w*|\bdismiss\w*|\bcross\w* out|\bother than|\bunlikely|[A-Z]\)? over|\bnone|(?:\bincorrect|\bwrong|\bfalse)(?:\s+(?:answers?|options?|choices?))?\s*(?:is|are|:))"
        + @"(?:\s+(?:be|is|are|a|an|the|option|options|choice|choices|answer|answers|letter|equal|to|as|any|of|both|either|that|it|right|correct|\w+ly|really|quite|just))*[\s:]*[\(\[""'“$]*\z",
        RegexOptions.IgnoreCase)]
    private static partial Regex DeniedBefore();

    [GeneratedRegex(
        @"(?:不是|并非|並非|不选|不選|不能选|不应选|不该选|排除(?:了|掉)?|非|\bnicht|\bweder|\bnoch|\bkeine?|\bpas|\bni|\bno es|\bno son|\bnão é|\bnon è|\bneanche)\s*(?:选项|選項|(?:der|die|das|la|le|el|l['’]|option|opción|réponse|respuesta|antwort)\s+)*[\s(「“""]*\z",
        RegexOptions.IgnoreCase)]
    private static partial Regex DeniedBeforeInOthers();

    // "A is wrong", "(A) cannot be", "A doesn't fit", "A: no", "A can be ruled out", "Is it A? No".
    [GeneratedRegex(
        @"^[\)\]""'”$]*(?:"
        + @"(?:\s*[-–—→:]+>?(?:\s*(?:that|this|it))?|,?\s*(?:that|which))?\s*(?:(?:option|choice|answer)\s+)?(?:"
        + @"(?:(?:is|are|was|were|would be|will be|seems?|looks?|appears?|can be|could be|can|could|must be|should be|has been|have been|being|gets?|['’]s)\s+)(?:(?:also|both|all|therefore|thus|so|just|even|to be|be|way|much|far|a|an|the|\w+ly)\s+)*(?:not\b(?!\s+only|\s+(?:wrong|incorrect|false|excluded|a bad)|\s+\(?[A-Z]\b)|wrong\b|incorrect|false\b|untrue|impossible|invalid|excluded|eliminated|ruled out|rejected|discarded|dismissed|out\b|too\s+\p{L}|unlikely|implausible|inaccurate|irrelevant|inconsistent|off\b|distractors?|crossed out|no\b(?!\s+doubt))"
        + @"|(?:is|are|was|were|does|do|did|can|could|would|will|wo|ca|should|has|have)n['’]t\b(?!\s+\(?[A-Z]\b)"
        + @"|(?:cannot|can not|does not|do not|did not|would not|could not|should not|will not|has no|have no|fails?|lacks?|contradicts?|violates?|conflicts?|ignores?|disagrees?|differs?)\b(?!\s+be\s+\(?[A-Z]\b))"
        + @"|\s*(?:[-–—→:=,]+>?\s*|\(\s*)?(?:wrong\b|incorrect|false\b|impossible|invalid|nope\b|no\b(?=\s*(?:$|[,.;!)\n—–-]))|ruled out|eliminated|too\s+\p{L}|not (?:correct|right|true|possible|valid|it\b|this|the (?:answer|one|case)|a match|matching)|doesn['’]t|does not|[✗✘❌×✖])"
        + @"|\s*[,:]?\s*none\b(?! (?:other|but))"
        + @"|\s*\?\s*(?:no\b|nope|wrong|incorrect|not\b|that (?:is|would be) (?:wrong|too))"
        + @")",
        RegexOptions.IgnoreCase)]
    private static partial Regex DeniedAfter();

    [GeneratedRegex(
        @"^\s*(?:[）)」”""]\s*)?(?:选项|選項|项|項|这个|這個)?(?:[^。；;，,\nA-Za-z]{0,12}?)(?:错误|錯誤|错的|錯的|错(?=[，,。；;\s]|$)|錯(?=[，,。；;\s]|$)|不对|不對|不正确|不正確|不符|不是|不可能|不成立|不行|不合适|不选|排除|有误|有誤|間違|誤り|違い|違う|ではな|じゃな|不正解|不適切|正しくな)"
        + @"|^\s*[)」]?\s*(?:은|는|이|가)?\s*(?:아니|아닙|틀|오답|맞지)"
        + @"|^\s*\)?\s*(?:,\s*)?(?:(?:ist|sind|wäre)\s+(?:\w+\s+)?(?:nicht|falsch|inkorrekt|unmöglich|zu\s)|falsch\b|(?:est|sont)\s+(?:fau(?:x|sses?)|incorrecte?s?|impossible|trop\s|pas\b)|n['’](?:est|a)\s+pas|ne\s+\w+\s+pas|(?:es|son|é|è|está|sono)\s+(?:\w+mente\s+)?(?:incorrect[oa]s?|fals[oa]s?|falh[oa]|errad[oa]|equivocad[oa]|sbagliat[oa]|demasiado|imposible|troppo)|no\s+(?:es|son|puede|coincide)|não\s+(?:é|pode)|non\s+(?:è|può))",
        RegexOptions.IgnoreCase)]
    private static partial Regex DeniedAfterInOthers();

    // "B is correct", "B: 15 is right", "B ✓", "B is the best answer", "Is it B? Yes".
    [GeneratedRegex(
        @"^[\)\]""'”$]*(?:"
        + @"(?:\s*[-–—→:,]+>?)?\s*(?:(?:option|choice|answer)\s+)?(?:that\s+|which\s+|this\s+|it\s+)?(?:(?:is|are|was|must be|would be|should be|has to be|seems(?: to be)?|looks|appears(?: to be)?|being|remains|['’]s)\s+)(?:(?:also|both|all|indeed|therefore|thus|then|however|the|my|our|only|most|one|\w+ly)\s+)*(?:correct\b|right\b|true\b|best\b|accurate|appropriate|suitable|valid|answers?\b|solution\b|pick\b|choice\b|final\b|option that|one that|possible one|not (?:wrong|incorrect|false))"
        + @"|\s*(?:[-–—→:=]+>?\s*|\(\s*)?(?:correct\b|right\b(?=\s*(?:$|[.,;!)\n]))|true\b|yes\b|[✓✔✅☑])"
        + @"|\s*it (?:is|must be)(?=\s*(?:[.!]|\z))"
        + @"|\s*\?\s*(?:yes\b|yep\b|correct|right\b|that (?:fits|works|matches))"
        + @")(?!\s*(?:of\b|side\b|hand|angle|triangle|about\b|only (?:if|when|for)|if\b|when\b|north|-|in that\b|or\b))",
        RegexOptions.IgnoreCase)]
    private static partial Regex Affirmed();

    // "B matches the picture", as a whole.
    [GeneratedRegex(@"^[\)\]""'”$]*\s*(?:alone\s+|also\s+|\w+ly\s+)?(?:match(?:es)?|fits?|works?|agrees?|satisf(?:y|ies)|corresponds?|holds|applies|wins|is consistent|is the only)\b(?![^.\n]{0,80}\b(?:but|however|except|although|though|only)\b)", RegexOptions.IgnoreCase)]
    private static partial Regex Fits();

    [GeneratedRegex(
        @"^\s*(?:[）)」”""]\s*)?(?:选项|選項|项|項)?(?:(?:(?!不|非|没|沒)[^。；;，,\nA-Za-z]){0,12}?)(?<!不|非)(?:正确|正確|对的|對的|(?<=是|为|,|\s|项|:)(?:对|對)(?=[，,。；;\s]|$)|^(?:对|對)(?=[，,。；;\s]|$)|符合|成立|最合适|最佳|正しい|正解|適切|当てはまる)"
        + @"|^\s*[)」]?\s*(?:이|가|은|는)?\s*(?:맞|정답|옳|올바)"
        + @"|^\s*\)?\s*(?:(?:ist|sind)\s+(?:die\s+|also\s+)?(?:richtig|korrekt|beste)|(?:est|sont)\s+(?:donc\s+)?(?:la\s+|le\s+)?(?:bonne|correcte?|juste|vraie?|exacte?|seule)|(?:es|é|è)\s+(?:la\s+|a\s+)?(?:correct[oa]|corret[oa]|verdader[oa]|respuesta|resposta|risposta|única|giust[oa])|está\s+corret[oa])",
        RegexOptions.IgnoreCase)]
    private static partial Regex AffirmedInOthers();

    [GeneratedRegex(@"(?:^|\n)✓\s*\(?\z")]
    private static partial Regex AffirmedBefore();

    // "All except B are wrong", "none but B is right".
    [GeneratedRegex(@"\b(?:(?<none>none|no (?:option|choice|answer)|nothing)|all|every(?:thing|\s+(?:other\s+)?(?:option|choice|answer))?|each|any)(?:\s+(?:of\s+)?(?:the\s+)?(?:them|these|those|options|choices|answers|others))?\s+(?:except(?:\s+for)?|but|other than|besides|apart from)\s+(?:(?:the|option|choice)\s+)*\(?\z", RegexOptions.IgnoreCase)]
    private static partial Regex AllBut();

    [GeneratedRegex(@"\b(?:could|may|might|can|would|is)\s+(?:also|equally|just as well)\s+be\s+(?:(?:the|option|choice)\s+)*\(?\z|\balso (?:possible|correct|right|acceptable)\s*(?:is|are|:)\s*\(?\z", RegexOptions.IgnoreCase)]
    private static partial Regex AlsoBefore();

    [GeneratedRegex(@"\b(?:if|whether|unless|suppose|assum\w+|not sure|unclear|might|could)\b[^.]{0,30}\z|\b(?:not|n['’]t think|n['’]t believe|doubt)(?:\s+(?:that|option|choice))*\s*\(?\z", RegexOptions.IgnoreCase)]
    private static partial Regex DoubtedBefore();

    [GeneratedRegex(@"\balso\b|\bboth\b", RegexOptions.IgnoreCase)]
    private static partial Regex IsAlso();

    [GeneratedRegex(
        @"(?<no>\b(?:incorrect|wrong|false|impossible|invalid|ruled out|eliminated|cannot|nope)\b|\bnot (?:correct|right|true|possible|valid|match|fit|the answer|the (?:right|correct)|what|supported|shown|visible|present|consistent|consist|a match|agree|enough)|(?:does|do|is|are|was|can|could|did|has)(?:n['’]t| not)\b|\btoo (?:\p{L}+)|✗|✘|❌|错误|錯誤|不对|不對|不正确|不正確|不符|排除)"
        + @"|(?<yes>\b(?:correct|matches|fits|right(?=\s*[.!,;)]|\s*$|\s+(?:answer|option|choice))|true|yes)\b|✓|✔|✅|(?<!不)正确|(?<!不)符合|(?<!不)正確)",
        RegexOptions.IgnoreCase)]
    private static partial Regex ItemVerdict();
}
