using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Choices;

/// <summary>What a text says about options by letter.</summary>
/// <param name="Letter">The option; null where it is none, or more than one.</param>
/// <param name="IsSeveral">Whether there is more than one.</param>
internal readonly record struct LetterReading(string? Letter, bool IsSeveral)
{
    public static LetterReading None { get; }

    public static LetterReading Several { get; } = new(null, true);

    public bool IsNone => Letter is null && !IsSeveral;
}

/// <summary>Reads options' letters. An article "A" and a pronoun "I" are none.</summary>
internal sealed partial class LetterReader(Options options)
{
    /// <summary>The letter that a text begins with: <c>(B)</c>, <c>B. 12 cm</c>, <c>**B**</c>, <c>option b</c>, <c>B because …</c></summary>
    public LetterReading AtStart(string text)
    {
        var match = Lead().Match(text);
        if (!match.Success)
        {
            return LetterReading.None;
        }

        var written = match.Groups["letter"].Value;
        var letter = written.ToUpperInvariant();
        var rest = text[(match.Index + match.Length)..];
        var isMarked = match.Groups["open"].Length > 0 || match.Groups["close"].Length > 0 || match.Groups["word"].Success;
        if (!options.Has(letter) || (!isMarked && !MayStandAlone(written, rest)))
        {
            return LetterReading.None;
        }

        return match.Groups["either"].Success || NamesAnother(letter, rest) ? LetterReading.Several : new LetterReading(letter, false);
    }

    /// <summary>The letter that a line is, and nothing else.</summary>
    public LetterReading Alone(string line)
    {
        // A longer line is more than a letter with its marks.
        const int Longest = 80;
        var match = line.Length > Longest ? Match.Empty : Only().Match(line);
        return match.Success && options.Has(match.Groups["letter"].Value.ToUpperInvariant())
            ? new LetterReading(match.Groups["letter"].Value.ToUpperInvariant(), false)
            : LetterReading.None;
    }

    /// <summary>Options that a text mentions and does not deny.</summary>
    /// <param name="text">The text.</param>
    /// <param name="marked">Whether only letters in parentheses, in bold or after "option" are mentions.</param>
    public IReadOnlyList<string> Mentions(string text, bool marked)
    {
        var found = new List<string>();
        foreach (Match match in Mention().Matches(text))
        {
            var letter = match.Groups["letter"].Value;
            var isMarked = (match.Groups["open"].Length > 0 && match.Groups["close"].Length > 0) || match.Groups["word"].Success;
            var rest = text[(match.Index + match.Length)..];
            var isLower = char.IsLower(letter[0]);
            if (!options.Has(letter.ToUpperInvariant())
                || (!isMarked && (marked || isLower || !MayStandAlone(letter, rest) || IsName(text[..match.Index], rest)))
                || Negation.Denies(text, match.Index, match.Index + match.Length))
            {
                continue;
            }

            found.Add(letter.ToUpperInvariant());
        }

        return [.. found.Distinct()];
    }

    // "A dog" is an article, "I think" a pronoun; a small letter stands alone at an end or before punctuation.
    private static bool MayStandAlone(string written, string rest)
    {
        if (rest.TrimEnd().Length == 0 || EndsThere().IsMatch(rest))
        {
            return true;
        }

        return char.IsUpper(written[0]) && (written is not ("A" or "I") || (written == "A" && IsNoNoun().IsMatch(rest)));
    }

    private bool NamesAnother(string letter, string rest) =>
        Another().Match(rest) is { Success: true } match
        && match.Groups["letter"].Value.ToUpperInvariant() is var other && other != letter && options.Has(other);

    // Letters of points, angles and quantities.
    private static bool IsName(string before, string after) => NameBefore().IsMatch(before) || NameAfter().IsMatch(after);

    [GeneratedRegex(
        @"^[\s""'“`]*(?:(?:is|be|it['’]?s|clearly|definitely|certainly|probably|likely|most likely|for sure|simply|just|therefore|thus|then|so|indeed|obviously|surely|the|to be)\s+)*(?<either>either\s+)?"
        + @"(?:\*\*|__|\$|\\\(|\\\[)?(?<word>(?:option|choice|letter|answer|选项?)\s*[:：]?\s*)?(?<open>(?:\*\*|__|\$|\\\(|\\boxed\{|\\(?:text|mathrm|textbf|mathbf)\s*\{|[\(\[\{（【""'“])*\s*)(?<letter>[A-Za-z])(?![A-Za-z0-9'’])"
        + @"(?<close>(?:\s*\}|\)|\]|）|】|\*\*|__|\.(?!\d)|:|：)*)",
        RegexOptions.IgnoreCase)]
    private static partial Regex Lead();

    [GeneratedRegex(
        @"^[\s\W_]*(?:(?:the\s+)?(?:(?:final|correct|right|best)\s+)?(?:option|choice|answer|letter)\s*(?:is)?\s*[:：]?\s*)?(?:\\(?:text|mathrm|textbf|mathbf)\s*\{|[\W_])*(?<letter>[A-Za-z])[\W_]*$",
        RegexOptions.IgnoreCase)]
    private static partial Regex Only();

    [GeneratedRegex(
        @"(?<![A-Za-z0-9'’\\_^{$.])(?<word>(?:option|choice|选项?)\s*[:：]?\s*)?(?<open>[\(\[\*（【]{0,4})(?<letter>[A-Za-z])(?<close>[\)\]\*）】]{0,4})(?![A-Za-z0-9'’$}_^])",
        RegexOptions.IgnoreCase)]
    private static partial Regex Mention();

    [GeneratedRegex(@"^\s*(?:[.,;:!?\)\]\*""'”\n\r}$]|$|[-–—]\s|\\\)|because\b|since\b|as\b)")]
    private static partial Regex EndsThere();

    [GeneratedRegex(@"^\s+(?:is|was|are|because|since|as|and|or|but|which|due|given|for|must|seems|has|would|will|can|matches|fits|shows|represents|corresponds|instead|too|here|[A-Z(\\$\d=])")]
    private static partial Regex IsNoNoun();

    [GeneratedRegex(@"^\s*(?:,\s*(?:and|or)?|and|or|&|/|\+)\s*(?:option|choice)?\s*[\(\[\*]*(?<letter>[A-Za-z])[\)\]\*]*(?=\s*(?:$|[.,;:!?\)}\n]|and\b|or\b|are\b))", RegexOptions.IgnoreCase)]
    private static partial Regex Another();

    [GeneratedRegex(@"(?:\b(?:points?|angles?|vertex|vertices|sides?|segments?|lines?|circles?|triangles?|node|nodes|variables?|matrix|events?|sets?|vitamin|hepatitis|type|grade|class|team|plan|person|car|train|city|town|area|resistance|voltage|temperature|from|between)\s+|[=+\-*/<>∠△]\s*)$", RegexOptions.IgnoreCase)]
    private static partial Regex NameBefore();

    [GeneratedRegex(@"^\s*(?:[=+*/<>^_]|-\s?\d|\s-\s|°)")]
    private static partial Regex NameAfter();
}
