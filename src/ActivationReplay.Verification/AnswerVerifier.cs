namespace ActivationReplay.Verification;

/// <summary>Judges outputs by rules alone: nothing is guessed, and no other model is asked.</summary>
public static class AnswerVerifier
{
    /// <summary>Extracts the answer to a question and compares it with the reference, by the question's kind.</summary>
    /// <param name="question">The reference answer and how it is to be given.</param>
    /// <param name="output">What a model wrote.</param>
    /// <returns>The answer with the rule that found it; unparsed where the output states none, or more than one option.</returns>
    public static Verdict Verify(AnswerReference question, string output)
    {
        if (question.Choices is { Count: > 0 } choices)
        {
            return ChoiceAnswers.Verify(choices, question.Answer, output);
        }

        if (question.Kind == AnswerKind.MultipleChoice && ChoiceLabels.Parse(question.Answer, isDeclared: true) is not null)
        {
            return ChoiceAnswers.VerifyDrawn(question.Answer, output);
        }

        // Short answers in a box are most of what trained models write.
        if (BoxedAnswer.Extract(output) is { } boxed && string.Equals(boxed, question.Answer.Trim(), StringComparison.OrdinalIgnoreCase))
        {
            return new Verdict(boxed, true, AnswerRule.Boxed);
        }

        return question.Kind == AnswerKind.YesNo
            ? WordAnswers.VerifyYesNo(question.Answer, output)
            : MathAnswers.Verify(question.Answer, output);
    }
}
