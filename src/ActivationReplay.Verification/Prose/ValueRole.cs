namespace ActivationReplay.Verification.Prose;

/// <summary>What a number does in its sentence.</summary>
internal enum ValueRole
{
    /// <summary>It is stated.</summary>
    Stated,

    /// <summary>It explains, or names something else, and is the answer only where nothing is stated: 9 in "17 (9 + 8)", 10 in "8 of the 10".</summary>
    Aside,

    /// <summary>It is said not to be the value, or only to bound it: "not 8", "more than 8", "8 or 9".</summary>
    Denied,
}
