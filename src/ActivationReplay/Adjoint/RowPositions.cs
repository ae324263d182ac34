using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>What attention over rows needs of the positions of a batch.</summary>
internal sealed class RowPositions
{
    /// <param name="batch">The positions.</param>
    public RowPositions(BatchPositions batch)
    {
        Batch = batch;
        KeysInverse = batch.Keys.Inverse();
        QueriesInverse = batch.Index is null ? KeysInverse : KeysInverse.At(batch.Index);
        Masks = [.. batch.Groups.Select(group => Mask(group, batch.Keys.Cos))];
    }

    /// <summary>The positions.</summary>
    public BatchPositions Batch { get; }

    /// <summary>The inverse rotation of all positions.</summary>
    public Rotary KeysInverse { get; }

    /// <summary>The inverse rotation of those that have a query.</summary>
    public Rotary QueriesInverse { get; }

    /// <summary>
    /// The additive causal mask of each group, [m, P + T]; null where queries and keys are the same positions, and plain causal
    /// attention does.
    /// </summary>
    public IReadOnlyList<Tensor?> Masks { get; }

    private static Tensor? Mask(AttentionGroup group, Tensor like)
    {
        if (group.HasAllQueries && group.PrefixLength == 0)
        {
            return null;
        }

        var last = tensor(group.Queries.Select(q => group.PrefixLength + q).ToArray(), ScalarType.Int64, like.device);
        return FusedAttention.MaskUpTo(last, group.PrefixLength + group.Length, like.dtype);
    }
}
