namespace ActivationReplay.Verification.Choices;

/// <summary>What an output decides for.</summary>
/// <param name="Keys">The options, in order; empty where it states none, or leaves it open between some.</param>
/// <param name="Rule">How they were found.</param>
internal sealed record ChoiceReading(IReadOnlyList<string> Keys, AnswerRule Rule)
{
    /// <summary>"A or B", or two that exclude one another: stated, but no answer.</summary>
    public static ChoiceReading Open { get; } = new([], AnswerRule.Unparsed);

    /// <summary>The options that a group names.</summary>
    public static ChoiceReading Of(MentionGroup group, AnswerRule rule) => group.IsAlternative && group.Keys.Count > 1 ? Open : Of(group.Keys, rule);

    /// <summary>These options, each once.</summary>
    public static ChoiceReading Of(IEnumerable<string> keys, AnswerRule rule) => new([.. keys.Distinct().Order(StringComparer.Ordinal)], rule);
}
