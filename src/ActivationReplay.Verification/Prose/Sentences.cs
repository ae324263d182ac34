using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Prose;

/// <summary>Sentences of a text, and parts of sentences that explain.</summary>
internal static partial class Sentences
{
    /// <summary>
    /// The sentences, trimmed, without their end marks; "Mr. Smith" is one. Clauses after "so" and a semicolon are their own.
    /// </summary>
    public static IReadOnlyList<string> Of(string text)
    {
        // Only the end of a long text concludes.
        const int Longest = 3000;
        const int Most = 60;
        if (text.Length > Longest)
        {
            text = text[^Longest..];
        }

        // A question says nothing, unless it is all there is.
        if (Question().Replace(text, "") is var rest && rest.Any(char.IsLetterOrDigit))
        {
            text = rest;
        }

        return [.. Break().Split(text).Select(s => s.Trim(' ', '\t', '\r', '\n')).Where(s => s.Any(char.IsLetterOrDigit)).TakeLast(Most)];
    }

    /// <summary>The part of a sentence before an index of a text.</summary>
    public static string Before(string text, int end)
    {
        const int Longest = 200;
        var before = text[Math.Max(0, end - Longest)..end];
        return before[(before.LastIndexOfAny(['.', '!', '?', '\n', ';', '。', '！', '？', '；']) + 1)..];
    }

    /// <summary>The part of a sentence before explanations, comparisons, and additions of who and where.</summary>
    public static string WithoutExplanation(string sentence)
    {
        sentence = Parenthesis().Replace(sentence, "");
        sentence = Place().Replace(sentence, "");
        return Explanation().Match(sentence) is { Success: true, Index: > 0 } match && !(match.ValueSpan.Contains('w') && VerbAfterClause().IsMatch(sentence, match.Index + match.Length))
            ? sentence[..match.Index].TrimEnd(' ', ',')
            : sentence;
    }

    /// <summary>Whether a sentence takes back the one before it.</summary>
    public static bool Corrects(string sentence) => Correction().IsMatch(sentence);

    /// <summary>Whether a sentence concludes: "So …", "Therefore, …".</summary>
    public static bool Concludes(string sentence) => Conclusion().IsMatch(sentence);

    /// <summary>Whether a sentence continues the one before it: "It …", "This is because …".</summary>
    public static bool Continues(string sentence) => Continuation().IsMatch(sentence);

    [GeneratedRegex(
        @"(?<!\b(?:Mr|Mrs|Ms|Dr|St|Mt|Ft|Prof|Jr|Sr|vs|e\.g|i\.e|U\.S|[A-Z]))(?<!\bNo(?=\.\s*\d))[.!?]+(?=[""'”’*_)]*(?:\s|$))[""'”’*_)]*|[。！？；;\n]+|,\s+(?=(?:so|therefore|thus|hence)\b|but\s+(?:it|that|this|the|in\s+fact|actually)\b)|\s+(?=∴)",
        RegexOptions.CultureInvariant)]
    private static partial Regex Break();

    [GeneratedRegex(@"[^.!?;\n。！？；]*[?？]+[""'”’*_)]*")]
    private static partial Regex Question();

    // "The man, who is tall, is Bob."
    [GeneratedRegex(@"\G[^,]*,[^,]*\b(?:is|are|was|were)\b", RegexOptions.IgnoreCase)]
    private static partial Regex VerbAfterClause();

    [GeneratedRegex(@",?\s+(?:in|on|at|from)\s+th(?:e|is)\s+(?:given\s+|provided\s+)?(?:image|picture|photo|figure|diagram|chart|graph|scene|drawing|table|map)(?:\s+(?:above|below|shown|provided))?\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex Place();

    [GeneratedRegex(@"(?<=\S)(?:\s+\(|\s*（)(?!\s*(?:or|and|also|maybe|possibly|perhaps)\b)[^()（）]{0,200}[)）]", RegexOptions.IgnoreCase)]
    private static partial Regex Parenthesis();

    [GeneratedRegex(
        @",?\s+(?:because|since|due\s+to|based\s+on|given|rather\s+than|instead\s+of|as\s+opposed\s+to|whereas|although|though|even\s+though|despite|as\s+(?:it|he|she|they|we|you|the|there|this|that|can|shown|seen|indicated|depicted)|according\s+to)\b"
        + @"|,\s*(?:which|who|where|not|as|while|with|and\s+not|but\s+not|it\s+seems|i\s+(?:think|believe|guess|would\s+say)|of\s+course|respectively)\b|\s+(?:and|but)\s+not\b|\s+[–—-]\s+|，?(?:因为|由于|而不是|而非)|，不是",
        RegexOptions.IgnoreCase)]
    private static partial Regex Explanation();

    [GeneratedRegex(@"^\W*(?:wait|actually|no,|sorry|correction|on\s+second\s+thought|hmm|let\s+me|but|however|alternatively|or\b|unless|then\s+again|不对)", RegexOptions.IgnoreCase)]
    private static partial Regex Correction();

    [GeneratedRegex(@"^\W*(?:so|therefore|thus|hence|consequently|in\s+conclusion|to\s+conclude|overall|finally|in\s+short|∴|所以|因此|故)\b?", RegexOptions.IgnoreCase)]
    private static partial Regex Conclusion();

    [GeneratedRegex(
        @"^\W*(?:it|its|this|that|these|they|their|he|she|his|her|here|there|because|since|the\s+reason|the\s+explanation|explanation|reason|as|you\s+can|we\s+can|we\s+know|i\s+can|in\s+th(?:e|is)\s+(?:image|picture|photo|figure)|note|the\s+(?:image|picture|photo|figure)|for\s+example|looking\s+at|这|它|因为)\b?",
        RegexOptions.IgnoreCase)]
    private static partial Regex Continuation();
}
