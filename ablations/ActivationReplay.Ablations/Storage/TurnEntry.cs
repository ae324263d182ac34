using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Evaluation.Agents;

namespace ActivationReplay.Ablations.Storage;

/// <summary>A turn of a conversation, as the journal keeps it for the report.</summary>
/// <param name="Text">What the model wrote.</param>
/// <param name="Box">The part of the picture that it was shown then: left, top, right, bottom; null where it was shown none.</param>
/// <param name="Refusal">Why its call was refused, or null.</param>
/// <param name="Problem">What it was told then, or null.</param>
public sealed record TurnEntry(string Text, IReadOnlyList<int>? Box = null, string? Refusal = null, string? Problem = null)
{
    /// <summary>The entry of a turn.</summary>
    public static TurnEntry Of(AgentTurn turn) => new(
        turn.Text,
        turn.Answer?.Box is { } box ? [box.Left, box.Top, box.Right, box.Bottom] : null,
        turn.Answer?.Refusal is { } refusal ? ConfigValue.Kebab(refusal) : null,
        turn.Answer?.Problem);
}
