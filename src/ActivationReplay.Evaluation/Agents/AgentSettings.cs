using ActivationReplay.Inputs;

namespace ActivationReplay.Evaluation.Agents;

/// <summary>Where a turn that calls a tool ends.</summary>
public enum AgentStop
{
    /// <summary>At the text <c>&lt;/tool_call&gt;</c>, whatever tokens spell it.</summary>
    Text,

    /// <summary>At the first token of that text, whatever follows, as in the released code.</summary>
    Released,
}

/// <summary>The bounds of a conversation. Values are checked on construction.</summary>
public sealed record AgentSettings
{
    /// <summary>The most turns of the model.</summary>
    public int Turns { get; init => field = value >= 1 ? value : throw Invalid(nameof(Turns), value); } = 11;

    /// <summary>The most new tokens of a turn.</summary>
    public int MaxNewTokens { get; init => field = value >= 1 ? value : throw Invalid(nameof(MaxNewTokens), value); } = 8192;

    /// <summary>The most tokens of a conversation: a turn for which this leaves no room, new tokens included, is not begun.</summary>
    public required int ContextTokens { get; init => field = value >= 1 ? value : throw Invalid(nameof(ContextTokens), value); }

    /// <summary>Limits on the area of the picture and of each part of it that is shown.</summary>
    public PixelLimits Limits { get; init; }

    /// <summary>Where a turn that calls a tool ends.</summary>
    public AgentStop Stop { get; init; }

    private static ArgumentOutOfRangeException Invalid(string name, int value) =>
        new(name, value, FormattableString.Invariant($"{name} is {value}; allowed: a whole number from 1."));
}
