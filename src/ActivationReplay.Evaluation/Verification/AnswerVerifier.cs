using ActivationReplay.Evaluation.Datasets;

namespace ActivationReplay.Evaluation.Verification;

/// <summary>Judges outputs by rules alone: nothing is guessed, and no other model is asked.</summary>
public static class AnswerVerifier
{
    /// <summary>Extracts the answer to a question and compares it with the reference, by the question's kind.</summary>
    /// <param name="sample">The question with its reference.</param>
    /// <param name="output">What a model wrote.</param>
    /// <returns>The answer with the rule that found it; unparsed where the output states none, or more than one option.</returns>
    public static Verdict Verify(Sample sample, string output)
    {
        if (sample.Choices is { Count: > 0 } choices)
        {
            return ChoiceAnswers.Verify(choices, sample.Answer, output);
        }

        // Short answers in a box are most of what trained models write.
        if (BoxedAnswer.Extract(output) is { } boxed && string.Equals(boxed, sample.Answer.Trim(), StringComparison.OrdinalIgnoreCase))
        {
            return new Verdict(boxed, true, AnswerRule.Boxed);
        }

        return sample.Kind == SampleKind.YesNo
            ? WordAnswers.VerifyYesNo(sample.Answer, output)
            : MathAnswers.Verify(sample.Answer, output);
    }
}
