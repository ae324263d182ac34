using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// The positions of states held as rows, [C·T, D]: the T positions of the first variant, then those of the second, and so on; and
/// the m positions of each variant that have a query.
/// </summary>
internal sealed class RowPositions
{
    /// <param name="table">Rotary table of the T positions, [1, T, 1, d].</param>
    /// <param name="prefixLength">P, the number of positions before the first row.</param>
    /// <param name="indices">The m positions, as ascending indices from 0 to T − 1; null is all of them.</param>
    public RowPositions(Rotary table, long prefixLength, IReadOnlyList<int>? indices = null)
    {
        var device = table.Cos.device;
        var count = table.Cos.shape[1];
        Index = indices is null ? null : tensor(indices.Select(p => (long)p).ToArray(), ScalarType.Int64, device);
        (Keys, KeysInverse) = (table, table.Inverse());
        (Queries, QueriesInverse) = Index is null ? (Keys, KeysInverse) : (table.At(Index), KeysInverse.At(Index));
        PrefixLength = prefixLength;
        Mask = Index is null && prefixLength == 0
            ? null
            : FusedAttention.MaskUpTo(
                (Index ?? Scalars.UpTo(count, device)).add(Scalars.Of(prefixLength), Scalars.One), prefixLength + count, table.Cos.dtype);
    }

    /// <summary>The m positions as an int64 tensor, [m]; null where all T positions have a query.</summary>
    public Tensor? Index { get; }

    /// <summary>The rotary table of the T positions.</summary>
    public Rotary Keys { get; }

    /// <summary>The inverse rotation of the T positions.</summary>
    public Rotary KeysInverse { get; }

    /// <summary>The rotary table of the m positions.</summary>
    public Rotary Queries { get; }

    /// <summary>The inverse rotation of the m positions.</summary>
    public Rotary QueriesInverse { get; }

    /// <summary>P, the number of positions before the first row.</summary>
    public long PrefixLength { get; }

    /// <summary>
    /// The additive causal mask, [m, P + T]; null where queries and keys are the same positions, and plain causal attention does.
    /// </summary>
    public Tensor? Mask { get; }

    /// <summary>The rows [C·m, D] of the states [C·T, D] at the m positions.</summary>
    public Tensor Of(Tensor rows, long variants) => Index is null ? rows : Split(rows, variants).index_select(1, Index).flatten(0, 1);

    /// <summary>Adds rows [C·m, D] to those of [C·T, D] at the m positions.</summary>
    public void Add(Tensor rows, Tensor sum, long variants)
    {
        if (Index is null)
        {
            sum.PlusInPlace(rows);
        }
        else
        {
            Split(sum, variants).index_add_(1, Index, Split(rows, variants), Scalars.One);
        }
    }

    private static Tensor Split(Tensor rows, long variants) => rows.view(variants, -1, rows.shape[1]);
}
