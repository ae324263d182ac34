namespace ActivationReplay.Evaluation.Agents;

/// <summary>Why a conversation ended.</summary>
public enum ConversationEnd
{
    /// <summary>A turn gave an answer.</summary>
    Answered,

    /// <summary>A turn gave neither an answer nor a call.</summary>
    NoCall,

    /// <summary>The last turn that is allowed made a call.</summary>
    TurnsUsedUp,

    /// <summary>The next turn would not fit the context.</summary>
    ContextUsedUp,

    /// <summary>A turn could not be computed.</summary>
    Failed,
}

/// <summary>A turn as it was generated.</summary>
/// <param name="Ids">The new tokens, with the token that ended the turn.</param>
/// <param name="Finished">Whether the turn ended by itself, and not at the limit of new tokens.</param>
/// <param name="Seconds">What it took, or an equal share of what its batch took.</param>
public sealed record TurnTokens(IReadOnlyList<int> Ids, bool Finished, double Seconds = 0);

/// <summary>A turn of the model in a conversation.</summary>
/// <param name="Text">What it wrote.</param>
/// <param name="Tokens">Token for token.</param>
/// <param name="PromptTokens">The tokens of the prompt that it answers: the first of its own stands at that position.</param>
/// <param name="VisualTokens">Those of them that are visual.</param>
/// <param name="Answer">What the tool said to its call; null where it made none.</param>
public sealed record AgentTurn(string Text, TurnTokens Tokens, int PromptTokens, int VisualTokens, ToolAnswer? Answer);
