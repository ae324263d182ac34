using System.Text.RegularExpressions;
using ActivationReplay.Verification.Equality;
using ActivationReplay.Verification.Latex;
using ActivationReplay.Verification.Prose;

namespace ActivationReplay.Verification.Extraction;

/// <summary>Finds the values that a plain text states: numbers in digits, forms of several numbers, and number words.</summary>
/// <remarks>
/// The last value that is stated is the answer. Values that explain count only if none is stated, and denied values never. A number
/// word counts beside digits only if a verb states it after all of them.
/// </remarks>
/// <param name="text">The text.</param>
/// <param name="readsWords">Whether numbers in words count.</param>
internal sealed partial class PlainValues(string text, bool readsWords = true)
{
    private ValueRoles? roles;

    private IEnumerable<PlainNumber> Words(string part) => readsWords ? NumberWords.All(part) : [];

    private ValueRoles Roles => roles ??= new ValueRoles(text);

    /// <summary>The values from an index on that may be the answer.</summary>
    public IReadOnlyList<PlainNumber> From(int start)
    {
        var (stated, asides) = StatedAndAsides(start);
        return stated.Count > 0 ? stated : asides;
    }

    private (List<PlainNumber> Stated, List<PlainNumber> Asides) StatedAndAsides(int start)
    {
        const int Most = 60;
        var tail = start == 0 ? text : text[start..];
        var digits = WithoutParts(
            [.. PlainForms.All(tail).Select(f => f with { Start = f.Start + start, End = f.End + start })], PlainNumbers.All(text, start));
        if (digits.Count > Most)
        {
            digits = [.. digits.OrderByDescending(n => n.End).Take(Most)];
        }

        var (stated, asides) = ByRole(digits);
        var words = ByRole(Words(tail).TakeLast(Most).Select(w => w with { Start = w.Start + start, End = w.End + start })).Stated;
        if (digits.Count == 0)
        {
            // A word alone is compared as a word.
            return (words is [var only] && IsBareWord(only) ? [] : Said(words), []);
        }

        var end = stated.Concat(asides).Select(n => n.End).DefaultIfEmpty(0).Max();
        stated.AddRange(words.Where(w => w.Start >= end && IsSaid(w)).TakeLast(1));
        return (stated, asides);
    }

    /// <summary>The first value after a phrase in its line that is not denied; null if there is none within reach.</summary>
    /// <param name="start">The index after the phrase.</param>
    /// <param name="reach">The most characters between phrase and value.</param>
    public PlainNumber? FirstAfter(int start, int reach)
    {
        const int Line = 200;
        var lineEnd = text.IndexOf('\n', Math.Min(text.Length, start + 1));
        var window = text[start..Math.Min(lineEnd < 0 ? text.Length : lineEnd, Math.Min(text.Length, start + Line))];
        List<PlainNumber> near = [.. WithoutParts(
            [.. PlainForms.All(window).Where(f => f.Start <= reach)], PlainNumbers.All(window, 0, reach + 1))];
        if (Words(window).FirstOrDefault() is { End: > 0 } word && OnlyVerb().IsMatch(window[..word.Start]))
        {
            near.Add(word);
        }

        var (stated, asides) = ByRole(near.Select(n => n with { Start = n.Start + start, End = n.End + start }));
        var first = (stated.Count > 0 ? stated : asides).OrderBy(n => n.Start).ThenByDescending(n => n.End).Cast<PlainNumber?>().FirstOrDefault();
        return first is { } number ? WithResult(window, start, number) : null;
    }

    /// <summary>
    /// The number that a box says in words: 7 of <c>\text{7 apples}</c> and "There are 7 apples"; null where it says none, or two.
    /// </summary>
    public static PlainNumber? OfWords(string content)
    {
        const int Longest = 300;
        var plain = Wrappers.WithoutCommands(content).Trim();
        if (plain.Length > Longest || !AnyWord().IsMatch(plain) || plain.AsSpan().ContainsAny('\\', '^', '{') || AnswerText.MayBeFormula(plain))
        {
            return null;
        }

        if (NumberWords.Of(plain) is { } word)
        {
            return word;
        }

        return new PlainValues(plain).StatedAndAsides(0).Stated is [var only] && (only.End == plain.Length || !char.IsLetter(plain[only.End])) ? only : null;
    }

    /// <summary>A value without the calculation behind it that gives it: 17 of "17 (9 + 8)"; "3 (4 + 5)" is a product.</summary>
    public static string WithoutWorking(string text) =>
        Working().Match(text) is { Success: true } match
        && TermParser.Parse(LatexText.Normalize(match.Groups["value"].Value)) is { } value
        && TermParser.Parse(LatexText.Normalize(match.Groups["working"].Value)) is { } working
        && new TermEquality(EqualityOptions.Default).AreEqual(value, Assignments.ValueOf(working))
            ? match.Groups["value"].Value
            : text;

    // Of a calculation "3 + 4 = 7" its end.
    private static PlainNumber WithResult(string window, int start, PlainNumber number)
    {
        while (EqualsSign().Match(window, number.End - start) is { Success: true } sign
            && PlainNumbers.All(window, sign.Index + sign.Length, 3).OrderByDescending(n => n.End).Cast<PlainNumber?>().FirstOrDefault() is { } next)
        {
            number = next with { Start = next.Start + start, End = next.End + start };
        }

        return number;
    }

    private (List<PlainNumber> Stated, List<PlainNumber> Asides) ByRole(IEnumerable<PlainNumber> values)
    {
        var byRole = values.ToLookup(v => Roles.Of(v.Start, v.End));
        return ([.. byRole[ValueRole.Stated]], [.. byRole[ValueRole.Aside]]);
    }

    // "The two cities" says nothing of how many; several numbers in words need a verb that states one.
    private List<PlainNumber> Said(List<PlainNumber> words)
    {
        List<PlainNumber> free = [.. words.Where(w => !DeterminerBefore().IsMatch(Before(w)))];
        return free.Select(w => w.Text).Distinct().Count() <= 1 ? free : [.. free.Where(IsSaid)];
    }

    private bool IsBareWord(PlainNumber word) =>
        word.End - word.Start == text.Trim().Length && text.AsSpan(word.Start, word.End - word.Start).IndexOfAny(' ', '-') < 0;

    private bool IsSaid(PlainNumber word) => VerbBefore().IsMatch(Before(word));

    private string Before(PlainNumber word)
    {
        const int Window = 40;
        return text[Math.Max(0, word.Start - Window)..word.Start];
    }

    // Numbers inside of a form are its parts; those of "17 (9 + 8)" are no product.
    private List<PlainNumber> WithoutParts(IReadOnlyList<PlainNumber> forms, IEnumerable<PlainNumber> numbers)
    {
        List<PlainNumber> whole = [.. forms.Where(f => !forms.Any(o => o.Start <= f.Start && o.End >= f.End && o.End - o.Start > f.End - f.Start))];
        whole.AddRange(numbers.Where(n => !IsValueWithWorking(n) && !forms.Any(f => n.Start < f.End && n.End > f.Start)));
        return whole;
    }

    private bool IsValueWithWorking(PlainNumber number) =>
        NumberWithWorking().IsMatch(number.Text) && (number.Text.Length < text.Trim(' ', '\n', '.').Length || WithoutWorking(number.Text) != number.Text);

    [GeneratedRegex(@"(?<![\\a-zA-Z])[a-zA-Z]{3,}")]
    private static partial Regex AnyWord();

    [GeneratedRegex(@"^\s*(?<value>[-+]?\d[\d.,]*(?:\s*\p{L}{1,12})?)\s+\(\s*=?\s*(?<working>[^()a-zA-Z]*\d\s*[-+*/×÷·][^()a-zA-Z]*)\)\s*\.?\s*$")]
    private static partial Regex Working();

    [GeneratedRegex(@"\G\s*=(?=\s*[-$€£\d(.])")]
    private static partial Regex EqualsSign();

    [GeneratedRegex(@"^[-+]?\d[\d.,]*\s+\(")]
    private static partial Regex NumberWithWorking();

    [GeneratedRegex(@"^\W*(?:(?:is|was|be|are|would|should|must|will|to|have|has|exactly|about|approximately|around|probably|definitely|clearly|just|only|a|the|number|total\s+of)\W+)*$", RegexOptions.IgnoreCase)]
    private static partial Regex OnlyVerb();

    [GeneratedRegex(@"\b(?:the|these|those|both|all|which|other|first|last|my|your|its|his|her|their|our)\s+$", RegexOptions.IgnoreCase)]
    private static partial Regex DeterminerBefore();

    [GeneratedRegex(
        @"(?:\b(?:is|are|was|were|be|equals?|has|have|had|gets?|got|gives?|makes?|making|leaves?|leaving|left\s+with|totals?|totall?ing|sees?|shows?|contains?|counted|count|finds?|so|thus|therefore|hence|then|total\s+of|answer)|[=:,])[,:]?\s+"
        + @"(?:(?:only|exactly|just|about|around|approximately|roughly|nearly|almost|still|now|a\s+total\s+of)\s+)?[""'“*_]*$",
        RegexOptions.IgnoreCase)]
    private static partial Regex VerbBefore();
}
