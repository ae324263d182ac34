namespace ActivationReplay.Generation;

/// <summary>The settings of generation. Values are checked on construction.</summary>
public sealed record GenerationSettings
{
    /// <summary>The most new tokens of an answer, at least 1.</summary>
    public int MaxNewTokens
    {
        get;
        init => field = value >= 1 ? value : throw Invalid(nameof(MaxNewTokens), value, "a whole number from 1");
    } = 2048;

    /// <summary>The sampling temperature, by which logits are divided; 0 decodes greedily (argmax).</summary>
    public double Temperature
    {
        get;
        init => field = double.IsFinite(value) && value >= 0 ? value : throw Invalid(nameof(Temperature), value, "a number from 0");
    }

    /// <summary>
    /// Nucleus sampling: tokens are drawn from the smallest set with at least this total probability; 1 is all tokens.
    /// </summary>
    public double TopP
    {
        get;
        init => field = value is > 0 and <= 1 ? value : throw Invalid(nameof(TopP), value, "above 0 and at most 1");
    } = 1;

    /// <summary>Tokens are drawn from this many most likely ones; 0 is all tokens.</summary>
    public int TopK { get; init => field = value >= 0 ? value : throw Invalid(nameof(TopK), value, "a whole number from 0"); }

    /// <summary>The number of answers to each prompt, which share its prefill.</summary>
    public int Samples { get; init => field = value >= 1 ? value : throw Invalid(nameof(Samples), value, "a whole number from 1"); } = 1;

    /// <summary>The seed, which with the sample's index and the token's index decides every draw.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// These settings with draws of one question's own: the seed becomes the first eight bytes of the SHA-256 of seed and id.
    /// Questions that are sampled with one seed share their draws: their answers are then not independent, and an interval over the
    /// questions is too narrow.
    /// </summary>
    /// <param name="question">The id of the question in its data set.</param>
    public GenerationSettings For(string question) => this with { Seed = QuestionSeed.Of(Seed, question) };

    private static ArgumentOutOfRangeException Invalid(string name, object value, string allowed) =>
        new(name, value, FormattableString.Invariant($"{name} is {value}; allowed: {allowed}."));
}

/// <summary>A generated answer.</summary>
/// <param name="Ids">The ids of the new tokens, with the stop token.</param>
/// <param name="Finished">Whether a stop token or text ended the answer, and not the limit of new tokens.</param>
public sealed record GeneratedSequence(IReadOnlyList<int> Ids, bool Finished);
