namespace ActivationReplay.Verification;

/// <summary>An answer as extracted from a model's output, and whether it is right.</summary>
/// <param name="Text">The extracted answer; null if none was found.</param>
/// <param name="IsCorrect">Whether it equals the reference.</param>
/// <param name="Rule">The rule that found it.</param>
public readonly record struct Verdict(string? Text, bool IsCorrect, AnswerRule Rule = AnswerRule.Unparsed)
{
    private readonly double? graded;

    /// <summary>How good it is, from 0 to 1: 1 or 0 where answers are right or wrong.</summary>
    public double Score
    {
        get => graded ?? (IsCorrect ? 1 : 0);
        private init => graded = value;
    }

    /// <summary>An answer with a score from 0 to 1; it is correct if that is 1.</summary>
    public static Verdict Graded(string text, double score, AnswerRule rule) => new(text, score >= 1, rule) { Score = score };

    /// <summary>Whether the output states an answer.</summary>
    public bool IsParsed => Rule != AnswerRule.Unparsed;
}
