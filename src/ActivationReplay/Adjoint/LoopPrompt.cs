using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>One prompt of a batch of loops: the positions that are computed, in each of its variants.</summary>
/// <param name="Table">Rotary table of the T positions, [1, T, 1, d].</param>
/// <param name="PrefixLength">P, the number of positions before them.</param>
/// <param name="Variants">C.</param>
/// <param name="Last">
/// The positions whose output of the last layer is computed, at least one, as ascending indices from 0 to T − 1; null is all of them.
/// </param>
internal sealed record LoopPrompt(Rotary Table, long PrefixLength, int Variants, IReadOnlyList<int>? Last = null)
{
    /// <summary>T.</summary>
    public int Length => (int)Table.Cos.shape[1];

    /// <summary>The m positions that have a query: all of them, or those of the last layer.</summary>
    public IReadOnlyList<int> Queries(bool isLast) => isLast && Last is not null ? Last : [.. Enumerable.Range(0, Length)];

    /// <summary>The rotary table of a batch, [1, n, 1, d]: of each prompt's T positions as often as it has variants.</summary>
    public static Rotary Joined(IReadOnlyList<LoopPrompt> prompts)
    {
        return new Rotary(Of(p => p.Table.Cos), Of(p => p.Table.Sin));

        Tensor Of(Func<LoopPrompt, Tensor> part) => cat([.. prompts.SelectMany(p => Enumerable.Repeat(part(p), p.Variants))], 1);
    }
}
