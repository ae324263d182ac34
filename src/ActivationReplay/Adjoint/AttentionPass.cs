using ActivationReplay.Kernels;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// A forward pass of self-attention with frozen weights over states held as columns, and its vector-Jacobian product: projections of
/// the whole batch at once, between them a <see cref="BlockedCore"/> a group.
/// </summary>
internal sealed class AttentionPass : IModulePass
{
    private readonly Attention module;
    private readonly ColumnPositions positions;
    private readonly BlockedCore[] cores;

    /// <param name="module">The module whose frozen weights are used.</param>
    /// <param name="x">The normalised states, [D, n].</param>
    /// <param name="positions">The n positions, and the q that have a query.</param>
    /// <param name="prefixes">Rotated keys, and values, before each group, [2, 1 or C, Hkv, P, d]; null where P is 0.</param>
    public AttentionPass(Attention module, Tensor x, ColumnPositions positions, IReadOnlyList<Tensor?> prefixes)
    {
        using var scope = NewDisposeScope();
        (this.module, this.positions) = (module, positions);
        var index = positions.Batch.Index;
        var q = module.Query.Columns(index is null ? x : x.index_select(1, index));
        var (k, v) = (module.Key.Columns(x), module.Value.Columns(x));
        var attended = empty_like(q);
        using (OperationRecorder.Part("attention"))
        {
            cores = [.. positions.Batch.Groups.Select((_, g) => new BlockedCore(module, (q, k, v), positions, g, prefixes[g], attended))];
        }

        Output = module.Output.Columns(attended).DetachFromDisposeScope();
    }

    /// <summary>The attention's output after its last projection, [D, q].</summary>
    public Tensor Output { get; }

    /// <summary>The gradient with respect to x, [D, n]. Frees the tensors of the forward pass, so call it once.</summary>
    /// <param name="gradient">The gradient with respect to the output, [D, q].</param>
    public Tensor Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var (queries, keys, values) = AtHeads(module.Output.ColumnsBackward(gradient));
        var result = module.Key.ColumnsBackward(keys);
        module.Value.AddColumnsBackward(values, result);
        if (positions.Batch.Index is { } index)
        {
            ColumnRows.AddColumns(module.Query.ColumnsBackward(queries), index, result);
        }
        else
        {
            module.Query.AddColumnsBackward(queries, result);
        }

        return result.MoveToOuterDisposeScope();
    }

    // The gradients at the projected queries [H·d, q], keys and values [Hkv·d, n], given that at the attended values.
    private (Tensor Queries, Tensor Keys, Tensor Values) AtHeads(Tensor gradient)
    {
        using var part = OperationRecorder.Part("attention");
        long[] shape = [module.KvHeads * module.HeadSize, positions.Keys.Count];
        var result = (Queries: empty_like(gradient), Keys: empty(shape, ScalarType.Float32), Values: empty(shape, ScalarType.Float32));
        foreach (var core in cores)
        {
            core.Backward(gradient, result);
        }

        return result;
    }
}
