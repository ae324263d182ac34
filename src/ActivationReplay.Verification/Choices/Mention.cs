namespace ActivationReplay.Verification.Choices;

/// <summary>How a text names an option, from the weakest to the strongest form.</summary>
internal enum MentionForm
{
    /// <summary>A lower-case letter, or a letter alone in a formula: it counts only where an answer is stated.</summary>
    Faint,

    /// <summary>A letter alone.</summary>
    Bare,

    /// <summary>The option's text.</summary>
    Words,

    /// <summary>A letter in parentheses, in bold, or after "option".</summary>
    Marked,
}

/// <summary>What a text says about an option that it names.</summary>
internal enum Stance
{
    Neutral,

    /// <summary>It says that the option is wrong.</summary>
    Rejected,

    /// <summary>It says that the option fits the picture.</summary>
    Fitting,

    /// <summary>It says that the option is right.</summary>
    Affirmed,

    /// <summary>It says that the option is right, too, beside another.</summary>
    AlsoAffirmed,
}

/// <summary>A mention of an option in a text.</summary>
/// <param name="Start">The index of its first character.</param>
/// <param name="End">The index after it; in "B. 12 cm" after the option's text.</param>
/// <param name="Key">The option's letter.</param>
/// <param name="Form">How it is named.</param>
internal sealed record Mention(int Start, int End, string Key, MentionForm Form)
{
    /// <summary>Whether it begins a sentence or an item and is followed by a mark, as in <c>B. …</c> and <c>(B) …</c></summary>
    public bool IsLead { get; init; }

    /// <summary>Whether the lead begins a line.</summary>
    public bool IsLineLead { get; init; }
}

/// <summary>Options that are named together: "A", "A and C", "B or D".</summary>
/// <param name="Mentions">At least one, in order.</param>
/// <param name="IsAlternative">Whether "or" stands between them.</param>
internal sealed record MentionGroup(IReadOnlyList<Mention> Mentions, bool IsAlternative)
{
    public int Start => Mentions[0].Start;

    public int End => Mentions[^1].End;

    public IReadOnlyList<string> Keys { get; } = [.. Mentions.Select(m => m.Key).Distinct()];

    public MentionForm Form { get; } = Mentions.Max(m => m.Form);

    public Stance Stance { get; init; }

    /// <summary>Whether it is an item of a list of the options, where a mention is no choice.</summary>
    public bool IsListed { get; init; }
}
