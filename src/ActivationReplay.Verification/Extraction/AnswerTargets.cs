namespace ActivationReplay.Verification.Extraction;

/// <summary>What is looked for in a text.</summary>
[Flags]
public enum AnswerTargets
{
    /// <summary>Formulas between marks, and in boxes.</summary>
    Latex = 1,

    /// <summary>Numbers and expressions of numbers in plain text.</summary>
    Expression = 2,

    /// <summary>One of a few words; letters A to D unless others are given.</summary>
    Words = 4,

    /// <summary>Formulas and numbers.</summary>
    Mathematics = Latex | Expression,
}
