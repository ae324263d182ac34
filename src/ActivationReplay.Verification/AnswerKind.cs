namespace ActivationReplay.Verification;

/// <summary>How a question is to be answered.</summary>
public enum AnswerKind
{
    /// <summary>In one's own words, or by a number.</summary>
    Open,

    /// <summary>By the letter of an option.</summary>
    MultipleChoice,

    /// <summary>By yes or no.</summary>
    YesNo,
}
