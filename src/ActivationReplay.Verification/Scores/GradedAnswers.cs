using ActivationReplay.Verification.Equality;
using ActivationReplay.Verification.Extraction;
using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Scores;

/// <summary>
/// Scores answers from 0 to 1 as Video-R1 does (arXiv 2503.21776): numbers by equality or by distance, transcripts by word error
/// rate, texts by ROUGE. A score of 1 is a right answer.
/// </summary>
public static class GradedAnswers
{
    /// <summary>Whether answers of a kind are scored here; others are right or wrong.</summary>
    public static bool IsGraded(this AnswerKind kind) => kind is AnswerKind.Numerical or AnswerKind.Regression or AnswerKind.Transcript or AnswerKind.FreeForm;

    /// <summary>Finds the answer in an output and scores it.</summary>
    /// <param name="kind">One that <see cref="IsGraded"/> holds for.</param>
    /// <param name="reference">The reference answer.</param>
    /// <param name="output">The output of a model.</param>
    /// <returns>The answer with its score; unparsed if a number is asked for and none is stated, or nothing is.</returns>
    /// <exception cref="FormatException">A number is asked for, and the reference is none.</exception>
    public static Verdict Verify(AnswerKind kind, string reference, string output)
    {
        switch (kind)
        {
            case AnswerKind.Numerical or AnswerKind.Regression:
                var gold = Reference(reference);
                return AnswerFinder.Find(output, AnswerTargets.Mathematics) is { } found && Value(found.Term) is { } value
                    ? Verdict.Graded(found.Text, kind == AnswerKind.Numerical ? Equality(gold, value) : Closeness(gold, value), found.Rule)
                    : default;
            case AnswerKind.Transcript or AnswerKind.FreeForm:
                var (text, rule) = Text(output);
                return text.Length == 0 ? default : Verdict.Graded(
                    text, kind == AnswerKind.Transcript ? Math.Max(0, 1 - WordErrorRate.Of(reference, text)) : Rouge.Mean(reference, text), rule);
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "Answers of this kind are right or wrong.");
        }
    }

    /// <summary>Checks that a reference is what its kind needs.</summary>
    /// <exception cref="FormatException">A number is asked for, and the reference is none.</exception>
    public static void Check(AnswerKind kind, string reference)
    {
        if (kind is AnswerKind.Numerical or AnswerKind.Regression)
        {
            Reference(reference);
        }
    }

    private static Fraction Reference(string reference) =>
        Value(AnswerFinder.FindReference(reference, AnswerTargets.Mathematics)?.Term)
            ?? throw new FormatException($"the answer '{reference}' is no number, which this type of question needs");

    // Both rounded to two decimals, halves to even.
    private static double Equality(Fraction reference, Fraction value) =>
        Hundredths(reference) is { } gold && gold == Hundredths(value) ? 1 : 0;

    // 1 − |x − r| / |r|, at least 0; only 0 is close to 0.
    private static double Closeness(Fraction reference, Fraction value) =>
        value.CompareTo(reference) == 0 ? 1
        : reference.IsZero || Math.Abs((value.ToDouble() - reference.ToDouble()) / reference.ToDouble()) is not (< 1 and var difference) ? 0
        : 1 - difference;

    private static System.Numerics.BigInteger? Hundredths(Fraction value)
    {
        if (value.Times(Fraction.Create(100, 1)!.Value) is not { } scaled)
        {
            return null;
        }

        var floor = scaled.Floor();
        var twice = (scaled.Numerator - (floor * scaled.Denominator)) * 2;
        return twice > scaled.Denominator || (twice == scaled.Denominator && !floor.IsEven) ? floor + 1 : floor;
    }

    // A number and as many percent are the same answer, as elsewhere.
    private static Fraction? Value(Term? term) => term is null ? null : ExactValue.Of(term is Percentage percent ? percent.Amount : term, new Budget());

    private static (string Text, AnswerRule Rule) Text(string output)
    {
        var body = AnswerText.AfterThinking(output);
        return AnswerText.Tag(body) is { } tag ? (tag.Content, AnswerRule.AnswerTag)
            : BoxedAnswer.Extract(body) is { Length: > 0 } boxed ? (boxed, AnswerRule.Boxed)
            : (body.Trim(), AnswerRule.WholeText);
    }
}
