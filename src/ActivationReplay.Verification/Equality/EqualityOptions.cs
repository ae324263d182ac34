namespace ActivationReplay.Verification.Equality;

/// <summary>The settings of comparing an answer with a reference.</summary>
public sealed record EqualityOptions
{
    /// <summary>The number of decimal places to which numbers with a decimal point are compared.</summary>
    public int Places { get; init; } = 6;

    /// <summary>Whether variables must have the same names; otherwise they are matched by order of appearance.</summary>
    public bool IsStrict { get; init; } = true;

    /// <summary>
    /// Whether a reference that is a set equals an equivalent inequality; the reverse is always so. Null allows it only if the
    /// reference can be nothing but a set: [2,5) is one, (2,5) may be a pair, and x ∈ [2,5) is a relation.
    /// </summary>
    public bool? ComparesSetsWithRelations { get; init; }

    /// <summary>The default settings.</summary>
    public static EqualityOptions Default { get; } = new();
}
