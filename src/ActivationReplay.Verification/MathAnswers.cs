using ActivationReplay.Verification.Equality;
using ActivationReplay.Verification.Extraction;
using ActivationReplay.Verification.Latex;
using ActivationReplay.Verification.Prose;
using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification;

/// <summary>Judges answers that are numbers, formulas or words, as Math-Verify does.</summary>
public static class MathAnswers
{
    /// <summary>Extracts the answer from an output and compares it with a reference.</summary>
    /// <param name="reference">
    /// The reference answer: a number, LaTeX with or without its marks, a word, or a text that ends in one.
    /// </param>
    /// <param name="output">The output of a model.</param>
    /// <param name="targets">The kinds of answers that are looked for in both.</param>
    /// <param name="options">The settings of the comparison; null is the default.</param>
    public static Verdict Verify(
        string reference, string output, AnswerTargets targets = AnswerTargets.Mathematics, EqualityOptions? options = null) =>
        Verify(reference, output, new ExtractionOptions(targets), options);

    /// <summary>Extracts the answer from an output with the given settings, and compares it with a reference.</summary>
    /// <param name="reference">The reference answer.</param>
    /// <param name="output">The output of a model.</param>
    /// <param name="extraction">The settings of the extraction.</param>
    /// <param name="options">The settings of the comparison; null is the default.</param>
    public static Verdict Verify(string reference, string output, ExtractionOptions extraction, EqualityOptions? options = null)
    {
        options ??= EqualityOptions.Default;
        var gold = AnswerFinder.FindReference(reference, extraction.Targets);
        var pred = AnswerFinder.Find(output, extraction);
        var isDate = CalendarDate.Of(reference) is not null;
        var isEqual = !isDate && gold is not null && pred is not null && AreEqual(gold, pred, options, extraction.ComparesTexts);
        if (!isEqual && extraction.ComparesTexts && (isDate || gold?.Term is null or Symbol || IsWord(reference))
            && WordAnswers.Verify(reference, output, extraction) is { IsParsed: true } word)
        {
            return word;
        }

        return pred is null ? new Verdict(null, false) : new Verdict(pred.Text, isEqual, pred.Rule);
    }

    /// <summary>Whether an extracted answer equals a reference.</summary>
    public static bool AreEqual(string reference, string answer, EqualityOptions? options = null) =>
        DatesAreEqual(reference, answer)
            ?? (LatexText.Compact(LatexText.Normalize(reference)) is var gold && LatexText.Compact(LatexText.Normalize(answer)) is var pred
                && ((gold.Length > 0 && gold == pred)
                    || (Read(reference) is { } g && Read(answer) is { } p && new TermEquality(options ?? EqualityOptions.Default).AreEqual(g, p))));

    internal static Term? Read(string text) =>
        AnswerFinder.FindReference(text, AnswerTargets.Mathematics) is var found && found is { Rule: not AnswerRule.Number and not AnswerRule.Formula }
            ? found.Term
            : TermParser.Parse(LatexText.Normalize(text)) ?? found?.Term;

    private static bool AreEqual(FoundAnswer gold, FoundAnswer pred, EqualityOptions options, bool comparesTexts) =>
        DatesAreEqual(gold.Text, pred.Text)
            ?? ((comparesTexts && gold.Normalized.Length > 0 && gold.Normalized == pred.Normalized)
                || (gold.Term is { } g && pred.Term is { } p && new TermEquality(options).AreEqual(g, p)));

    // 6:30 and 5:25 are equal ratios, but no equal times; null where one of both is neither date nor time.
    private static bool? DatesAreEqual(string reference, string answer) =>
        ClockTime.Of(reference) is { } time && ClockTime.Of(answer) is { } other ? other.Answers(time)
        : CalendarDate.Of(reference) is { } date && CalendarDate.Of(answer) is { } day ? day.Answers(date)
        : null;

    // "No" and "US" read as products of letters; they are words all the same.
    private static bool IsWord(string reference) =>
        reference.Trim() is { Length: > 1 } text && text.All(c => char.IsLetter(c) || c is ' ' or '.' or '-' or '\'');
}
