using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Prose;

/// <summary>Whether a text answers yes or no.</summary>
/// <remarks>
/// Yes and no count if they are used as an answer: at the start of a sentence ("No, it is blue.", "Yes it does"), or as its content
/// ("I would say yes."). "No" before a noun is not an answer, but "There is no dog" and "No dogs are here" mean no. A text with both
/// gives no answer unless one corrects the other; hedged answers do not count.
/// </remarks>
internal static partial class Polarity
{
    /// <summary>True for yes, false for no; null if the text says neither, or both.</summary>
    public static bool? Of(string text)
    {
        if (Both().IsMatch(text) || Unsure().IsMatch(text))
        {
            return null;
        }

        bool? said = null;
        var isWeak = true;
        foreach (var sentence in Sentences.Of(text))
        {
            if (OfSentence(sentence) is not { } here)
            {
                continue;
            }

            if (said is { } before && before != here.IsYes)
            {
                if (here.IsWeak && !isWeak)
                {
                    continue;
                }

                if (!Sentences.Corrects(sentence) && !Sentences.Concludes(sentence) && !isWeak)
                {
                    return null;
                }
            }

            (said, isWeak) = (here.IsYes, here.IsWeak);
        }

        return said;
    }

    /// <summary>Whether a reference is yes or no, and which.</summary>
    public static bool? OfReference(string reference) => reference.Trim().TrimEnd('.', '。', '!').ToLowerInvariant() switch
    {
        "yes" or "是" or "是的" => true,
        "no" or "否" or "不是" => false,
        _ => null,
    };

    // Weak is what only a noun phrase says.
    private static (bool IsYes, bool IsWeak)? OfSentence(string sentence)
    {
        var core = Lead().Replace(sentence, "");
        if (Start().Match(core) is { Success: true } start)
        {
            return Hedge().IsMatch(core[start.Length..]) ? null : (IsYes(start), false);
        }

        if (End().Match(core) is { Success: true } end)
        {
            return HedgeBefore().IsMatch(core[..end.Index]) ? null : (IsYes(end), false);
        }

        return NoneOf().IsMatch(core) && !Unknowing().IsMatch(core) ? (false, true) : null;
    }

    private static bool IsYes(Match match) => match.Groups["yes"].Success;

    private const string Yes = @"(?<yes>yes|yeah|yep|yup|oui|sí|ja|да|はい|是的|是(?=[,，.。!]|$)|对(?=[,，.。!的]|$)|没错|有的)";

    private const string No = @"(?<no>no|nope|nah|non|nein|нет|いいえ|不是|不对|不(?=[,，.。!]|$)|否|没有)";

    private const string Edge = @"(?![\p{L}\p{N}'’-]|(?<=[a-zа-яí])\s*/)";

    [GeneratedRegex(@"\b(?:yes|no)\b[""'”’]?\s*,?\s*(?:and|or|/|&|nor)\s*(?:also\s+)?[""'“‘]?(?:yes|no)\b(?!\s*[?:])", RegexOptions.IgnoreCase)]
    private static partial Regex Both();

    [GeneratedRegex(
        @"\b(?:not\s+(?:sure|certain|clear|enough|possible\s+to\s+(?:tell|say|determine))|unsure|uncertain|unclear|(?:it|that)\s+depends|(?:can(?:not|['’]t|\s+not)|couldn['’]t|unable\s+to|impossible\s+to|hard\s+to|difficult\s+to)\s+(?:be\s+)?(?:tell|say|determined?|know|answer|see\s+(?:if|whether))|no\s+way\s+(?:to|of))\b|无法(?:确定|判断)|不确定",
        RegexOptions.IgnoreCase)]
    private static partial Regex Unsure();

    [GeneratedRegex(
        @"^(?:[^\p{L}\p{N}]+|(?:so|therefore|thus|hence|consequently|then|and|but|well|ok(?:ay)?|wait|actually|sorry|correction|hmm|oh|in\s+(?:conclusion|short|summary)|overall|finally|definitely|absolutely|certainly|indeed|clearly|(?:my\s+|the\s+)?(?:final\s+)?answer(?:\s+is)?|i\s+(?:think|believe|guess)|i\s+would\s+say|i['’]d\s+say|所以|因此)\b[\s,，:：]*)+",
        RegexOptions.IgnoreCase)]
    private static partial Regex Lead();

    // Yes before any word but a verb that speaks of it; no before what is no noun.
    [GeneratedRegex(
        "^(?:" + Yes + Edge + @"(?!\s+(?:would|could|might|may|and|or|is\s+(?:wrong|not|incorrect)|can['’]?t)\b)"
        + "|" + No + Edge + @"(?=\s*(?:$|[^\p{L}\p{N}\s])|\s+(?:it|its|he|she|they|there|this|that|these|those|the|we|i|you|not|because|since|as|both|at\s+all)\b|(?<=[\u3040-\u9fff])))",
        RegexOptions.IgnoreCase)]
    private static partial Regex Start();

    [GeneratedRegex(
        @"(?:\b(?:is|was|be|it['’]?s|say|says|answers?|think|believe|so|therefore|thus|hence|definitely|certainly|absolutely|simply|a)\b|[:：=→,]|答案(?:应该)?是)[\s""'“‘*_:：,]*(?:" + Yes + "|" + No + ")" + Edge
        + @"(?=[""'”’*_\s]*(?:$|[,.;!。，]|\s[–—-]\s|\b(?:because|since|as|due)\b))",
        RegexOptions.IgnoreCase)]
    private static partial Regex End();

    [GeneratedRegex(@"^\s*[,.:–—-]*\s*(?:maybe|perhaps|possibly|probably\s+not|or|if|unless)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Hedge();

    [GeneratedRegex(@"\b(?:maybe|perhaps|possibly|might|may|could|can|not|never|n['’]t|if|whether|either|says?|said|sign|label|text|reads?)\b|n['’]t\b", RegexOptions.IgnoreCase)]
    private static partial Regex HedgeBefore();

    [GeneratedRegex(@"^(?:(?:there|it)\s+(?:is|are|was|were|has|have)\s+(?:no\s+\p{L}|none\b)|no\s+\p{L}+)", RegexOptions.IgnoreCase)]
    private static partial Regex NoneOf();

    [GeneratedRegex(@"\bno\s+(?:idea|way|doubt|question|information|evidence|indication|sign|clue|comment|answer|reason|need|matter|one\s+knows|clear|definite|sufficient|enough|longer|more\s+than|less\s+than|fewer\s+than|visible\s+way)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Unknowing();
}
