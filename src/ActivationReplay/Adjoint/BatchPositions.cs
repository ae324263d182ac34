using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// Where the n states of a batch of prompts lie, as rows or as columns: those of the first prompt, then those of the second, and so
/// on; of a prompt its T positions in the first variant, then in the second, and so on. All but attention is computed on all of them at
/// once.
/// </summary>
internal sealed class BatchPositions
{
    /// <param name="prompts">The prompts.</param>
    /// <param name="table">Their rotary table, of <see cref="LoopPrompt.Joined"/>.</param>
    /// <param name="isLast">Whether only the last layer's positions have a query.</param>
    public BatchPositions(IReadOnlyList<LoopPrompt> prompts, Rotary table, bool isLast)
    {
        Groups = AttentionGroup.Of(prompts, isLast);
        Keys = table;
        Index = isLast && prompts.Any(p => p.Last is not null)
            ? tensor(Groups.SelectMany(g => g.QueryRows).ToArray(), ScalarType.Int64, table.Cos.device)
            : null;
        Queries = Index is null ? Keys : Keys.At(Index);
    }

    /// <summary>n.</summary>
    public long Count => Keys.Cos.shape[1];

    /// <summary>Which of the n have a query and an output, int64 [q], ascending; null where all have.</summary>
    public Tensor? Index { get; }

    /// <summary>The rotary table of the n, [1, n, 1, d].</summary>
    public Rotary Keys { get; }

    /// <summary>The rotary table of the q, [1, q, 1, d].</summary>
    public Rotary Queries { get; }

    /// <summary>What attends in one call, in the order of the states.</summary>
    public IReadOnlyList<AttentionGroup> Groups { get; }
}

/// <summary>Variants of neighbouring prompts of equal shape, which attend in one call.</summary>
/// <param name="FirstRow">The first of their states among the n.</param>
/// <param name="FirstQuery">The first of their queries among the q.</param>
/// <param name="FirstPrompt">The first of their prompts.</param>
/// <param name="VariantsOf">The number of variants of each of the prompts.</param>
/// <param name="Length">T, the positions of a variant.</param>
/// <param name="PrefixLength">P, the positions before them.</param>
/// <param name="Queries">The m positions of each variant that have a query, ascending, from 0 to T − 1.</param>
internal sealed record AttentionGroup(
    long FirstRow, long FirstQuery, int FirstPrompt, IReadOnlyList<int> VariantsOf, int Length, long PrefixLength, IReadOnlyList<int> Queries)
{
    /// <summary>C, the variants of all its prompts.</summary>
    public int Variants => VariantsOf.Sum();

    /// <summary>Whether every position has a query.</summary>
    public bool HasAllQueries => Queries.Count == Length;

    /// <summary>The states that have a query, among the n.</summary>
    public IEnumerable<long> QueryRows => Enumerable.Range(0, Variants).SelectMany(v => Queries.Select(q => FirstRow + ((long)v * Length) + q));

    /// <summary>The groups of some prompts, in order.</summary>
    public static IReadOnlyList<AttentionGroup> Of(IReadOnlyList<LoopPrompt> prompts, bool isLast)
    {
        var groups = new List<AttentionGroup>();
        var (row, query) = (0L, 0L);
        foreach (var (index, prompt) in prompts.Index())
        {
            var queries = prompt.Queries(isLast);
            if (groups.LastOrDefault() is { } last && last.Length == prompt.Length && last.PrefixLength == prompt.PrefixLength && last.Queries.SequenceEqual(queries))
            {
                groups[^1] = last with { VariantsOf = [.. last.VariantsOf, prompt.Variants] };
            }
            else
            {
                groups.Add(new AttentionGroup(row, query, index, [prompt.Variants], prompt.Length, prompt.PrefixLength, queries));
            }

            row += (long)prompt.Variants * prompt.Length;
            query += (long)prompt.Variants * queries.Count;
        }

        return groups;
    }

    /// <summary>
    /// The keys and values before the group's positions, given those of each prompt, [2, 1, Hkv, P, d]: [2, 1, Hkv, P, d] of one prompt,
    /// [2, C, Hkv, P, d] of several; null where P is 0.
    /// </summary>
    public Tensor? Prefix(IReadOnlyList<Tensor?> ofPrompts)
    {
        var own = VariantsOf.Select((variants, i) => (Variants: variants, Prefix: ofPrompts[FirstPrompt + i])).ToList();
        return own is [var one] || PrefixLength == 0
            ? own[0].Prefix
            : cat([.. own.Select(p => p.Prefix!.expand(-1, p.Variants, -1, -1, -1))], 1);
    }
}
