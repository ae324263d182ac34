namespace ActivationReplay.Verification.Extraction;

/// <summary>The settings of extracting answers, with the names of Math-Verify's settings in parentheses.</summary>
/// <param name="Targets">The kinds of answers that are looked for in reference and output.</param>
public sealed record ExtractionOptions(AnswerTargets Targets = AnswerTargets.Mathematics)
{
    /// <summary>
    /// Whether an output must announce its answer by a box, a tag, or "answer" (<c>try_extract_without_anchor</c> false).
    /// </summary>
    public bool NeedsAnchor { get; init; }

    /// <summary>Whether boxes announce answers (<c>boxed_match_priority</c> not −1).</summary>
    public bool ReadsBoxes { get; init; } = true;

    /// <summary>Whether only the first candidate of an output is tried (<c>extraction_mode</c> first_match).</summary>
    public bool TriesFirstAlone { get; init; }

    /// <summary>Whether answers that are not formulas are compared as text (<c>fallback_mode</c> first_match).</summary>
    public bool ComparesTexts { get; init; } = true;

    /// <summary>Whether the case of words is ignored (<c>lowercase</c>).</summary>
    public bool IgnoresCase { get; init; } = true;

    /// <summary>The default settings.</summary>
    public static ExtractionOptions Default { get; } = new();
}
