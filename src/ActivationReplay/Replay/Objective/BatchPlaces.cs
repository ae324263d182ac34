namespace ActivationReplay.Replay.Objective;

/// <summary>
/// Where what belongs to the variants of a batch lies among that of all: states, states after the last layer, and visual tokens follow
/// one another variant by variant, those of the first prompt first.
/// </summary>
internal sealed class BatchPlaces
{
    private readonly List<(PromptExtent Prompt, long State, long Exit)> variants = [];
    private readonly List<long> visual = [];
    private readonly List<long> seen = [];

    private BatchPlaces()
    {
    }

    /// <summary>The visual tokens up to each prompt's last selected one, among the states.</summary>
    public IReadOnlyList<long> Visual => visual;

    /// <summary>The same, among all visual tokens.</summary>
    public IReadOnlyList<long> Seen => seen;

    /// <summary>Whether these are all visual tokens.</summary>
    public bool AreAllSeen { get; private set; } = true;

    /// <summary>The number of states after the last layer.</summary>
    public long AtExit { get; private set; }

    /// <summary>The places of some prompts.</summary>
    public static BatchPlaces Of(IReadOnlyList<PromptExtent> prompts)
    {
        var places = new BatchPlaces();
        var (state, token) = (0L, 0L);
        foreach (var prompt in prompts.SelectMany(p => Enumerable.Repeat(p, p.Variants)))
        {
            places.variants.Add((prompt, state, places.AtExit));
            places.visual.AddRange(prompt.Visual.Select(p => state + p));
            places.seen.AddRange(prompt.Visual.Select((_, i) => token + i));
            places.AreAllSeen &= prompt.Visual.Count == prompt.VisualTokens;
            places.AtExit += prompt.Last?.Count ?? prompt.Length;
            state += prompt.Length;
            token += prompt.VisualTokens;
        }

        return places;
    }

    /// <summary>The places of a variant's visual tokens among the states of a layer.</summary>
    /// <param name="variant">Its index among all.</param>
    /// <param name="rows">The visual tokens, as indices into those of the prompt.</param>
    /// <param name="isExit">Whether the states are those after the last layer, of which there are some alone.</param>
    public IEnumerable<long> Of(int variant, IReadOnlyList<int> rows, bool isExit)
    {
        var (prompt, state, exit) = variants[variant];
        if (!isExit)
        {
            return rows.Select(r => state + prompt.Visual[r]);
        }

        var last = prompt.Last?.Index().ToDictionary(p => p.Item, p => p.Index);
        return rows.Select(r => exit + (last is null ? prompt.Visual[r] : last[prompt.Visual[r]]));
    }
}
