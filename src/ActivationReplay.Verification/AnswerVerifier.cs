using ActivationReplay.Verification.Scores;

namespace ActivationReplay.Verification;

/// <summary>Judges outputs of models by rules: nothing is guessed, and no model is used.</summary>
public static class AnswerVerifier
{
    /// <summary>Extracts the answer from an output and compares it with the reference, according to the kind of question.</summary>
    /// <param name="question">The reference answer, and the form of the answer.</param>
    /// <param name="output">The output of a model.</param>
    /// <returns>
    /// The answer, whether it is right, and the rule that found it; unparsed if the output states no answer, or several options.
    /// </returns>
    public static Verdict Verify(AnswerReference question, string output)
    {
        if (question.Kind.IsGraded())
        {
            return GradedAnswers.Verify(question.Kind, question.Answer, output);
        }

        if (question.Choices is { Count: > 0 } choices)
        {
            return ChoiceAnswers.Verify(choices, question.Answer, output);
        }

        if (question.Kind == AnswerKind.MultipleChoice && ChoiceLabels.Parse(question.Answer, isDeclared: true) is not null)
        {
            return ChoiceAnswers.VerifyDrawn(question.Answer, output);
        }

        // A fast path: most outputs of trained models end in a box with a short answer.
        if (BoxedAnswer.Extract(output) is { } boxed && string.Equals(boxed, question.Answer.Trim(), StringComparison.OrdinalIgnoreCase))
        {
            return new Verdict(boxed, true, AnswerRule.Boxed);
        }

        return question.Kind == AnswerKind.YesNo
            ? WordAnswers.VerifyYesNo(question.Answer, output)
            : MathAnswers.Verify(question.Answer, output);
    }
}
