namespace ActivationReplay.Verification.Prose;

/// <summary>The role of a number in its sentence.</summary>
internal enum ValueRole
{
    /// <summary>The sentence states the number as a value.</summary>
    Stated,

    /// <summary>
    /// It explains, or names something else, and is the answer only where nothing is stated: 9 in "17 (9 + 8)", 10 in "8 of the
    /// 10".
    /// </summary>
    Aside,

    /// <summary>The sentence says that it is not the value, or only bounds it: "not 8", "more than 8", "8 or 9".</summary>
    Denied,
}
