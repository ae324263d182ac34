using ActivationReplay.Models;

namespace ActivationReplay.Generation;

/// <summary>
/// The keys and values that a model left of a prompt and of its answer, so that a longer prompt that begins with both need not
/// compute them again. What the prompt's intervention changed is in them.
/// </summary>
public sealed class KeptPrefix : IDisposable
{
    private readonly IReadOnlyList<int> ids;
    private readonly int prompt;

    internal KeptPrefix(KeyValueCache cache, IReadOnlyList<int> ids, int prompt) => (Cache, this.ids, this.prompt) = (cache, ids, prompt);

    /// <summary>One row.</summary>
    internal KeyValueCache Cache { get; }

    /// <summary>The positions that are kept: those of the prompt, and of the answer all but its last token.</summary>
    public int Length => (int)Cache.Length;

    /// <summary>
    /// How many positions of a prompt need not be computed. Tokens of the answer were generated without edits: from the first one
    /// that the intervention edits, all are computed.
    /// </summary>
    /// <param name="longer">The ids of the prompt.</param>
    /// <param name="intervention">What its prefill applies; what it changes within the earlier prompt is taken to be what was changed there.</param>
    internal int UsableFor(IReadOnlyList<int> longer, Intervention intervention)
    {
        // A last position is computed: its state gives the first new token.
        var most = Math.Min(Length, longer.Count - 1);
        var same = 0;
        while (same < most && longer[same] == ids[same])
        {
            same++;
        }

        var edited = intervention.Edits.SelectMany(e => e.Positions).Where(p => p >= prompt).DefaultIfEmpty(same).Min();
        return Math.Min(same, edited);
    }

    /// <inheritdoc/>
    public void Dispose() => Cache.Dispose();
}
