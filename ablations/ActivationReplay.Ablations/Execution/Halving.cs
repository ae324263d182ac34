using ActivationReplay.Native;

namespace ActivationReplay.Ablations.Execution;

/// <summary>Work on several items together that goes on in halves where memory runs out.</summary>
internal static class Halving
{
    /// <summary>Works on at most <paramref name="most"/> items at a time, on halves of those for which memory ran out.</summary>
    /// <param name="items">The items.</param>
    /// <param name="most">The most at a time, at least 1.</param>
    /// <param name="work">Takes items, and whether there were more of them until memory ran out; gives results of them.</param>
    /// <param name="alone">
    /// Gives the results of an item for which memory runs out even alone; null lets the exception pass, which then is that of one
    /// item.
    /// </param>
    /// <param name="halves">Whether to halve; otherwise an exception passes at once.</param>
    /// <returns>The results of all items, in their order.</returns>
    public static IReadOnlyList<TResult> Run<TItem, TResult>(
        IReadOnlyList<TItem> items,
        int most,
        Func<IReadOnlyList<TItem>, bool, IEnumerable<TResult>> work,
        Func<TItem, Exception, IEnumerable<TResult>>? alone = null,
        bool halves = true)
    {
        return [.. items.Chunk(most).SelectMany(part => Together(part, wasHalved: false))];

        IReadOnlyList<TResult> Together(TItem[] part, bool wasHalved)
        {
            Exception exhausted;
            try
            {
                return [.. work(part, wasHalved)];
            }
            catch (Exception e) when (halves && (part.Length > 1 || alone is not null) && MemoryExhausted.IsCauseOf(e))
            {
                exhausted = e;
            }

            MemoryExhausted.Collect();
            var half = part.Length / 2;
            return part.Length == 1
                ? [.. alone!(part[0], exhausted)]
                : [.. Together(part[..half], wasHalved: true), .. Together(part[half..], wasHalved: true)];
        }
    }
}
