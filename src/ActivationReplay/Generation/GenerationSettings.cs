namespace ActivationReplay.Generation;

/// <summary>How tokens are chosen. Checked on construction.</summary>
public sealed record GenerationSettings
{
    /// <summary>Tokens after which an answer is cut off.</summary>
    public int MaxNewTokens
    {
        get;
        init => field = value >= 1 ? value : throw Invalid(nameof(MaxNewTokens), value, "a whole number from 1");
    } = 2048;

    /// <summary>0 is greedy (argmax); else logits are divided by it before sampling.</summary>
    public double Temperature
    {
        get;
        init => field = double.IsFinite(value) && value >= 0 ? value : throw Invalid(nameof(Temperature), value, "a number from 0");
    }

    /// <summary>Samples come from the smallest set of tokens with at least this probability; 1 is all.</summary>
    public double TopP
    {
        get;
        init => field = value is > 0 and <= 1 ? value : throw Invalid(nameof(TopP), value, "above 0 and at most 1");
    } = 1;

    /// <summary>Samples come from this many most likely tokens; 0 is all.</summary>
    public int TopK { get; init => field = value >= 0 ? value : throw Invalid(nameof(TopK), value, "a whole number from 0"); }

    /// <summary>Answers to each prompt; they share its prefill.</summary>
    public int Samples { get; init => field = value >= 1 ? value : throw Invalid(nameof(Samples), value, "a whole number from 1"); } = 1;

    /// <summary>With the sample's number and the token's place it decides every draw.</summary>
    public ulong Seed { get; init; }

    private static ArgumentOutOfRangeException Invalid(string name, object value, string allowed) =>
        new(name, value, FormattableString.Invariant($"{name} is {value}; allowed: {allowed}."));
}

/// <summary>One generated answer.</summary>
/// <param name="Ids">New tokens, the stop token kept.</param>
/// <param name="Finished">Ended by a stop token, not by the limit.</param>
public sealed record GeneratedSequence(IReadOnlyList<int> Ids, bool Finished);
