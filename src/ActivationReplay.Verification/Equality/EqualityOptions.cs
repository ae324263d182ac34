namespace ActivationReplay.Verification.Equality;

/// <summary>How answers are compared.</summary>
public sealed record EqualityOptions
{
    /// <summary>Decimal places to which a number with a point is compared.</summary>
    public int Places { get; init; } = 6;

    /// <summary>Whether the names of variables matter; else they are matched by order.</summary>
    public bool IsStrict { get; init; } = true;

    /// <summary>
    /// Whether a reference that is a set equals an inequality that says the same; the reverse always does. Null where the
    /// reference can be nothing but a set: [2,5) does; (2,5) may be a pair, and x ∈ [2,5) is a relation.
    /// </summary>
    public bool? ComparesSetsWithRelations { get; init; }

    /// <summary>The usual way.</summary>
    public static EqualityOptions Default { get; } = new();
}
