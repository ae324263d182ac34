namespace ActivationReplay.Verification;

/// <summary>The form in which a question is to be answered.</summary>
public enum AnswerKind
{
    /// <summary>With words, a number or a formula.</summary>
    Open,

    /// <summary>With the letter of an option.</summary>
    MultipleChoice,

    /// <summary>With yes or no.</summary>
    YesNo,
}
