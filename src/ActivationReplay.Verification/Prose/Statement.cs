using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Prose;

/// <summary>
/// Reads what an answer in sentences states, for references that are words. It is read without knowing the reference, which what it
/// states must then equal.
/// </summary>
/// <remarks>
/// A sentence "S is C" states C, without what explains it (", because …", ", not …", "(…)"); "S is the C of …" states S as well,
/// since both name one thing. A fragment states itself. Of several sentences the concluding one ("So …") counts, else the last; or
/// the first, if all others continue it. Questions, conditions, negations, opinions of others and possibilities state nothing.
/// </remarks>
internal static partial class Statement
{
    private const int ShortestSentence = 3;

    /// <summary>The readings of a text: none, one, or the two sides of an identity.</summary>
    public static IReadOnlyList<string> Of(string text)
    {
        var sentences = Sentences.Of(text);
        if (sentences.Count == 0)
        {
            return [];
        }

        if (sentences.Count == 1)
        {
            return OfSentence(sentences[0], text.TrimEnd().EndsWith('?'), isAlone: true);
        }

        // A line of its own after a sentence is an answer.
        var last = sentences[^1];
        var isLine = text.TrimEnd().LastIndexOf('\n') is var line and > 0 && text[line..].Contains(last, StringComparison.Ordinal)
            && (Verb().IsMatch(sentences[^2]) || Words(sentences[^2]) >= ShortestSentence + 1) && Sentences.Of(text[line..]).Count == 1;
        if (!Sentences.Concludes(last) && IsExplained(sentences) && OfSentence(sentences[0], false, isAlone: true) is { Count: > 0 } first)
        {
            return first;
        }

        return OfSentence(last, text.TrimEnd().EndsWith('?'), isAlone: isLine || Sentences.Concludes(last) || Sentences.Corrects(last));
    }

    // "Paris. It lies on the Seine.": all that follows goes on about the first sentence, and gives no other answer.
    private static bool IsExplained(IReadOnlyList<string> sentences)
    {
        const int LongestFragment = 8;
        var isFragment = !Verb().IsMatch(sentences[0]) && Words(sentences[0]) <= LongestFragment;
        var isOfPronoun = Pronoun().IsMatch(sentences[0]);
        return sentences.Skip(1).All(s => !Sentences.Corrects(s) && !Sentences.Concludes(s) && Words(s) >= ShortestSentence
            && (isFragment || (Sentences.Continues(s) && !(isOfPronoun && IsRival(s)))));
    }

    // "It is London." after "It is Paris."; "It is parked." after "The car is red." is none.
    private static bool IsRival(string sentence) =>
        Claim().Match(Sentences.WithoutExplanation(sentence)) is { Success: true } claim && Words(claim.Groups["complement"].Value) < 4
        && !claim.Groups["complement"].ValueSpan.StartsWith("the ", StringComparison.OrdinalIgnoreCase);

    private static IReadOnlyList<string> OfSentence(string sentence, bool isQuestion, bool isAlone)
    {
        var core = Lead().Replace(Sentences.WithoutExplanation(sentence), "");
        if (Unsettled().IsMatch(core) || (isQuestion && Verb().IsMatch(core)))
        {
            return [];
        }

        if (Claim().Match(core) is not { Success: true } claim)
        {
            // A fragment among other sentences states nothing.
            core = NotBut().Replace(core, "");
            return isAlone && !Negation().IsMatch(core) ? [core] : [];
        }

        var subject = claim.Groups["subject"].Value.Trim();
        var own = subject[(subject.LastIndexOf(',') + 1)..];
        var complement = NotBut().Replace(Adverb().Replace(claim.Groups["complement"].Value.Trim(), ""), "");
        if (Negation().IsMatch(own) || Negation().IsMatch(complement) || Condition().IsMatch(own) || complement.Length == 0)
        {
            return [];
        }

        return Identity().IsMatch(complement) && claim.Groups["verb"].Success && !Rejected().IsMatch(complement) && !own.Contains("that", StringComparison.OrdinalIgnoreCase)
            ? [complement, own]
            : [complement];
    }

    /// <summary>Whether the words before an answer make it uncertain, as in "I am not sure if the answer is …".</summary>
    public static bool IsUnsettledBy(string before) =>
        Unsettled().IsMatch(before) || Condition().IsMatch(before) || Negation().IsMatch(before);

    private static int Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;

    private const string Copula =
        @"(?<verb>\bis|\bare|\bwas|\bwere|(?<=\b(?:it|that|this|he|she|what|here|there|answer))['’]s|\b(?:must|would|will|should|has\s+to|have\s+to)\s+be|\best|\bes|\bist|\bè)\b"
        + @"|\b(?:equals|reads|says|spells|states|shows|depicts|displays|(?<=\bi\s+(?:can\s+)?)see|(?<=\bwe\s+(?:can\s+)?)(?:see|get|have|obtain|find)"
        + @"|has|holds|wears|uses|plays|eats|rides|contains|means|represents|stands\s+for|belongs\s+to|comes\s+from|lives\s+in|points(?:\s+to)?|faces|happened|occurred|took\s+place)\b|\s=|(?<![不但还可])是|(?<![因认作成])为(?=\S)";

    // The last verb of the sentence has the answer.
    [GeneratedRegex(@"^(?<subject>.*)(?:" + Copula + @")\s*[:：]?\s*(?<complement>\S.*)$", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Claim();

    [GeneratedRegex(Copula + @"|\b(?:has|have|had|can|does|do|did|will|lies|looks|appears|seems|goes|holds|stands|wears|need|means)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Verb();

    // What introduces an answer: "So", "I think", "My answer:", a bullet.
    [GeneratedRegex(
        @"^(?:[-*•·>#]+\s+|(?:so|therefore|thus|hence|consequently|then|and|but|in\s+fact|well|ok(?:ay)?|sure|certainly|in\s+conclusion|to\s+conclude|overall|finally|in\s+short|in\s+summary|actually|wait|no|所以|因此|故)\b\s*[,，:]?\s*|所以[,，]?|因此[,，]?|∴\s*"
        + @"|(?:i\s+(?:think|believe|guess|would\s+say|conclude)|i['’]d\s+say|i['’]m\s+(?:sure|confident)|(?:we|you)\s+(?:can\s+)?(?:see|conclude|say|get|have|know))\s+(?:that\s+)?|(?:my|the)?\s*(?:final\s+)?(?:answer|guess|conclusion)\s*[:：-]\s*)+",
        RegexOptions.IgnoreCase)]
    private static partial Regex Lead();

    [GeneratedRegex(@"^(?:(?:definitely|clearly|certainly|obviously|indeed|probably|likely|most\s+likely|very\s+likely|simply|just|only|actually|really|called|named|known\s+as|labell?ed|that|the\s+word)\b\s*|[:：]\s*)+", RegexOptions.IgnoreCase)]
    private static partial Regex Adverb();

    [GeneratedRegex(@"^not\s+[^,]{1,60}?,?\s+but\s+(?:rather\s+|instead\s+)?", RegexOptions.IgnoreCase)]
    private static partial Regex NotBut();

    [GeneratedRegex(@"^\W*(?:it|that|this|he|she|they|these)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Pronoun();

    [GeneratedRegex(@"\b(?:not|never|no\s+longer|neither|nor|nothing|none|cannot|hardly|false|untrue|wrong|incorrect|anything\s+but)\b|n['’]t\b|不是|没有|并非", RegexOptions.IgnoreCase)]
    private static partial Regex Negation();

    [GeneratedRegex(@"\b(?:if|whether|unless|suppose|assuming|used\s+to)\b|\b(?:some|people|others|many|you|one|they|he|she)\s+(?:might\s+|may\s+|could\s+)?(?:say|says|said|think|thinks|thought|claim|claims|claimed|believe|guess|assume)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Condition();

    [GeneratedRegex(@"\b(?:maybe|perhaps|possibly|either|might|may\s+be|could\s+be|can\s+be|not\s+sure|unsure|uncertain|unclear|unknown|unable|cannot|can['’]t)\b|可能|也许|或许|不确定", RegexOptions.IgnoreCase)]
    private static partial Regex Unsettled();

    [GeneratedRegex(@"^(?:the|our|its|their|his|her)\s+\p{L}", RegexOptions.IgnoreCase)]
    private static partial Regex Identity();

    [GeneratedRegex(@"\b(?:wrong|incorrect|false|second|other|opposite|neighbou?r|same)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Rejected();
}
