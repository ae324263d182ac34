using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// A forward pass of self-attention with frozen weights over rows, and its vector-Jacobian product: softmax(q kᵀ / √d) v by
/// libtorch's fused kernel, differentiated by autograd, the rest by hand. Keys and values are repeated for the query heads of their
/// group as they are joined to those before, in one copy.
/// </summary>
internal sealed class RowAttentionPass : IModulePass
{
    private readonly Attention module;
    private readonly RowPositions positions;
    private readonly long variants;
    private readonly Tensor[] leaves; // queries [C, m, H, d], keys and values [C, P + T, H, d]
    private readonly Tensor attended; // [C, m, H, d]

    /// <param name="module">The module whose frozen weights are used.</param>
    /// <param name="x">The normalised states, [C·T, D].</param>
    /// <param name="variants">C.</param>
    /// <param name="positions">The T positions of each variant, and the m that have a query.</param>
    /// <param name="prefix">Rotated keys, and values, of the P positions before, [2, 1, Hkv, P, d]; null where P is 0.</param>
    public RowAttentionPass(Attention module, Tensor x, long variants, RowPositions positions, Tensor? prefix)
    {
        using var scope = NewDisposeScope();
        (this.module, this.variants, this.positions) = (module, variants, positions);
        var (queries, others) = Project(x); // [C, m, H, d], [C, T, 2·Hkv, d]
        using (OperationRecorder.Part("attention"))
        {
            var joined = Joined(prefix, others);
            leaves = [Leaf(queries), Leaf(joined.select(2, 0)), Leaf(joined.select(2, 1))];
            using var grad = enable_grad();
            attended = FusedAttention.OfEqualHeads(leaves[0], leaves[1], leaves[2], positions.Mask).DetachFromDisposeScope();
        }

        Output = module.Output.Forward(attended.detach().view(-1, module.Heads * module.HeadSize)).DetachFromDisposeScope();
    }

    /// <summary>The attention's output after its last projection, [C·m, D].</summary>
    public Tensor Output { get; }

    /// <summary>The gradient with respect to x, [C·T, D]. Frees the tensors of the forward pass, so call it once.</summary>
    /// <param name="gradient">The gradient with respect to the output, [C·m, D].</param>
    public Tensor Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var atAttended = module.Output.RowsBackward(gradient).view(attended.shape);
        var (queries, keys, values) = AtHeads(atAttended);
        return ProjectBackward(queries, keys, values).MoveToOuterDisposeScope();
    }

    private (Tensor Queries, Tensor Keys, Tensor Values) AtHeads(Tensor gradient)
    {
        using var part = OperationRecorder.Part("attention");
        var gradients = Gradients.Of(attended, leaves, gradient);
        foreach (var held in leaves.Append(attended))
        {
            held.Dispose();
        }

        return (gradients[0], Own(gradients[1]), Own(gradients[2]));
    }

    // The rotated queries of the m positions, and keys and values of all.
    private (Tensor Queries, Tensor Others) Project(Tensor x)
    {
        var (heads, kvHeads) = (module.Heads, module.KvHeads);
        if (positions.Index is null)
        {
            var all = PerHead(module.Joined?.Forward(x) ?? cat([module.Query.Forward(x), module.Key.Forward(x), module.Value.Forward(x)], 1));
            positions.Keys.RotateInPlace(all.narrow(2, 0, heads + kvHeads));
            return (all.narrow(2, 0, heads), all.narrow(2, heads, 2 * kvHeads));
        }

        var queries = PerHead(module.Query.Forward(positions.Of(x, variants)));
        var others = PerHead(module.Joined?.ForwardFrom(heads * module.HeadSize, x) ?? cat([module.Key.Forward(x), module.Value.Forward(x)], 1));
        positions.Queries.RotateInPlace(queries);
        positions.Keys.RotateInPlace(others.narrow(2, 0, kvHeads));
        return (queries, others);
    }

    private Tensor ProjectBackward(Tensor queries, Tensor keys, Tensor values)
    {
        var (heads, kvHeads) = (module.Heads, module.KvHeads);
        if (positions.Index is null)
        {
            var all = cat([queries, keys, values], 2);
            positions.KeysInverse.RotateInPlace(all.narrow(2, 0, heads + kvHeads));
            return module.Joined?.RowsBackward(Flat(all))
                ?? AddKeysAndValues(all.narrow(2, heads, 2 * kvHeads), module.Query.RowsBackward(Flat(all.narrow(2, 0, heads))));
        }

        var others = cat([keys, values], 2);
        positions.KeysInverse.RotateInPlace(others.narrow(2, 0, kvHeads));
        var result = module.Joined?.RowsBackwardFrom(heads * module.HeadSize, Flat(others))
            ?? AddKeysAndValues(others, zeros([Flat(others).shape[0], module.Key.Weight.shape[1]], others.dtype, others.device));
        positions.QueriesInverse.RotateInPlace(queries);
        positions.Add(module.Query.RowsBackward(Flat(queries)), result, variants);
        return result;
    }

    private Tensor AddKeysAndValues(Tensor others, Tensor sum)
    {
        module.Key.AddRowsBackward(Flat(others.narrow(2, 0, module.KvHeads)), sum);
        return module.Value.AddRowsBackward(Flat(others.narrow(2, module.KvHeads, module.KvHeads)), sum);
    }

    // [C·n, h·d] → [C, n, h, d], and back.
    private Tensor PerHead(Tensor rows) => rows.view(variants, -1, rows.shape[1] / module.HeadSize, module.HeadSize);

    private static Tensor Flat(Tensor heads) => heads.reshape(heads.shape[0] * heads.shape[1], -1);

    // Keys and values of those before, the same for all variants, and of the own positions [C, T, 2·Hkv, d], each repeated for the
    // query heads of its group, in one copy: [C, P + T, 2, H, d].
    private Tensor Joined(Tensor? prefix, Tensor others)
    {
        var own = Repeated(others.view(variants, -1, 2, module.KvHeads, module.HeadSize));
        var before = prefix is null ? null : Repeated(prefix.permute(1, 3, 0, 2, 4)).expand(variants, -1, -1, -1, -1, -1);
        return cat(before is null ? [own] : [before, own], 1).flatten(3, 4);
    }

    // [C, n, 2, Hkv, g, d], without a copy.
    private Tensor Repeated(Tensor x) => x.unsqueeze(4).expand(-1, -1, -1, -1, module.Heads / module.KvHeads, -1);

    // The sum over the query heads of a group, of the own positions alone: [C, T, Hkv, d].
    private Tensor Own(Tensor gradient) =>
        gradient.narrow(1, positions.PrefixLength, gradient.shape[1] - positions.PrefixLength)
            .view(variants, -1, module.KvHeads, module.Heads / module.KvHeads, module.HeadSize).sum(3);

    private static Tensor Leaf(Tensor x) => x.detach().requires_grad_().DetachFromDisposeScope();
}
