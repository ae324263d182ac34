namespace ActivationReplay.Verification.Extraction;

/// <summary>The kinds of answers that are looked for in a text.</summary>
[Flags]
public enum AnswerTargets
{
    /// <summary>LaTeX formulas between delimiters or in boxes.</summary>
    Latex = 1,

    /// <summary>Numbers and expressions of numbers in plain text.</summary>
    Expression = 2,

    /// <summary>One of a few words; letters A to D unless others are given.</summary>
    Words = 4,

    /// <summary>Formulas and numbers.</summary>
    Mathematics = Latex | Expression,
}
