namespace ActivationReplay.Verification.Extraction;

/// <summary>Where answers are looked for, in Math-Verify's terms. The usual way is each setting's default.</summary>
/// <param name="Targets">What is looked for, in reference and output.</param>
public sealed record ExtractionOptions(AnswerTargets Targets = AnswerTargets.Mathematics)
{
    /// <summary>Whether an output must announce its answer by a box, a tag, or "answer" (<c>try_extract_without_anchor</c> false).</summary>
    public bool NeedsAnchor { get; init; }

    /// <summary>Whether boxes announce answers (<c>boxed_match_priority</c> not −1).</summary>
    public bool ReadsBoxes { get; init; } = true;

    /// <summary>Whether only the first place that is found in an output is tried (<c>extraction_mode</c> first_match).</summary>
    public bool TriesFirstAlone { get; init; }

    /// <summary>Whether what is no formula is compared as it is written (<c>fallback_mode</c> first_match).</summary>
    public bool ComparesTexts { get; init; } = true;

    /// <summary>Whether words that are looked for may be written in another case (<c>lowercase</c>).</summary>
    public bool IgnoresCase { get; init; } = true;

    /// <summary>The usual way.</summary>
    public static ExtractionOptions Default { get; } = new();
}
