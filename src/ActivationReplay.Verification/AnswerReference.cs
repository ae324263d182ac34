namespace ActivationReplay.Verification;

/// <summary>The reference answer to a question, and the form of its answers.</summary>
/// <param name="Answer">
/// The right answer; of a multiple choice the option's letter or text, or several letters: <c>A, C</c>.
/// </param>
/// <param name="Kind">The form in which the question is to be answered.</param>
/// <param name="Choices">
/// The options' texts by letter; null for other kinds, and for a multiple choice whose options are drawn in the picture.
/// </param>
public sealed record AnswerReference(
    string Answer, AnswerKind Kind = AnswerKind.Open, IReadOnlyDictionary<string, string>? Choices = null);
