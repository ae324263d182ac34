using ActivationReplay.Models;

namespace ActivationReplay.Replay.Objective;

/// <summary>
/// The positions of a prompt that a loop computes: T of them, from the first visual one to the last selected one; in the last layer
/// those alone that are compared.
/// </summary>
internal sealed class PromptExtent
{
    /// <param name="objective">The prompt, and what its variants are to match.</param>
    /// <param name="entry">The layer to whose input offsets are added.</param>
    /// <param name="exit">The last layer whose input is compared, in any prompt of the batch.</param>
    public PromptExtent(PromptObjective objective, int entry, int exit)
    {
        (Prompt, Variants) = (objective.Prompt, objective.Variants.Count);
        var targets = objective.Variants.SelectMany(v => v.Targets).ToList();
        var all = Prompt.Inputs.VisualPositions;
        var seen = targets.Select(t => t.Rows[^1] + 1).Append(1).Max();
        First = all[0];
        VisualTokens = all.Count;
        Visual = [.. all.Take(seen).Select(p => p - First)];
        Length = Visual[^1] + 1;
        int[] read = [.. targets.Where(t => t.Layer == exit).SelectMany(t => t.Rows).Distinct().Order().Select(r => Visual[r])];
        // Another prompt of the batch may be compared later than any variant of this one.
        Last = exit > entry && read.Length < Length ? (read.Length > 0 ? read : [0]) : null;
    }

    /// <summary>The prompt.</summary>
    public EncodedPrompt Prompt { get; }

    /// <summary>C.</summary>
    public int Variants { get; }

    /// <summary>The first position that is computed: the number of positions before it.</summary>
    public int First { get; }

    /// <summary>T.</summary>
    public int Length { get; }

    /// <summary>The position after the last one that is computed.</summary>
    public int End => First + Length;

    /// <summary>N, all visual tokens of the prompt.</summary>
    public int VisualTokens { get; }

    /// <summary>The visual ones among the T positions.</summary>
    public IReadOnlyList<int> Visual { get; }

    /// <summary>Those whose output of the last layer is computed, ascending; null is all T of them.</summary>
    public IReadOnlyList<int>? Last { get; }
}
