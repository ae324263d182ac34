namespace ActivationReplay.Verification.Choices;

/// <summary>How a text names an option. What is stronger is greater.</summary>
internal enum MentionForm
{
    /// <summary>A small letter, or one alone in a formula: an option only where an answer is stated.</summary>
    Faint,

    /// <summary>A letter alone.</summary>
    Bare,

    /// <summary>The option's text.</summary>
    Words,

    /// <summary>A letter in parentheses, in bold, or after "option".</summary>
    Marked,
}

/// <summary>What a text says of an option where it names it.</summary>
internal enum Stance
{
    Neutral,

    /// <summary>It is not the answer.</summary>
    Rejected,

    /// <summary>It fits what is seen.</summary>
    Fitting,

    /// <summary>It is right.</summary>
    Affirmed,

    /// <summary>It is right as well as another.</summary>
    AlsoAffirmed,
}

/// <summary>An option, named in a text.</summary>
/// <param name="Start">The place where it begins.</param>
/// <param name="End">The place after it; of "B. 12 cm" after the option's text.</param>
/// <param name="Key">The option's letter.</param>
/// <param name="Form">How it is named.</param>
internal sealed record Mention(int Start, int End, string Key, MentionForm Form)
{
    /// <summary>Whether it stands at the begin of a sentence or an item with a mark after it, as in <c>B. …</c> and <c>(B) …</c></summary>
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

    /// <summary>Whether it is an item of a list of options, of which no item is chosen by being there.</summary>
    public bool IsListed { get; init; }
}
