namespace ActivationReplay.Verification.Choices;

/// <summary>The options that an output chooses.</summary>
/// <param name="Keys">The letters of the options, in order; empty if it chooses none, or leaves several open.</param>
/// <param name="Rule">The rule that found them.</param>
internal sealed record ChoiceReading(IReadOnlyList<string> Keys, AnswerRule Rule)
{
    /// <summary>A statement that leaves several options open, such as "A or B", and so is no answer.</summary>
    public static ChoiceReading Open { get; } = new([], AnswerRule.Unparsed);

    /// <summary>The reading of a group of mentions.</summary>
    public static ChoiceReading Of(MentionGroup group, AnswerRule rule) => group.IsAlternative && group.Keys.Count > 1 ? Open : Of(group.Keys, rule);

    /// <summary>The reading of the given options, without duplicates.</summary>
    public static ChoiceReading Of(IEnumerable<string> keys, AnswerRule rule) => new([.. keys.Distinct().Order(StringComparer.Ordinal)], rule);
}
