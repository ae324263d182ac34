namespace ActivationReplay.Verification;

/// <summary>An answer as extracted from a model's output, and whether it is right.</summary>
/// <param name="Text">The extracted answer; null if none was found.</param>
/// <param name="IsCorrect">Whether it equals the reference.</param>
/// <param name="Rule">The rule that found it.</param>
public readonly record struct Verdict(string? Text, bool IsCorrect, AnswerRule Rule = AnswerRule.Unparsed)
{
    /// <summary>Whether the output states an answer.</summary>
    public bool IsParsed => Rule != AnswerRule.Unparsed;
}
