using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// Causal attention of one group over rows: softmax(q kᵀ / √d) v by libtorch's fused kernel, differentiated by autograd. Keys and values
/// are repeated for the query heads that share them as they are joined to those before, in one copy. Its twin over columns is
/// <see cref="BlockedCore"/>.
/// </summary>
internal sealed class RowCore
{
    private readonly Attention module;
    private readonly AttentionGroup group;
    private readonly Tensor[] leaves; // queries [C, m, H, d], keys and values [C, P + T, H, d]
    private readonly Tensor attended; // [C, m, H, d]

    /// <param name="module">The attention, for the number and size of its heads.</param>
    /// <param name="projected">The rotated queries [1, q, H, d], rotated keys and values [1, n, 2·Hkv, d] of the whole batch.</param>
    /// <param name="group">The C variants that attend.</param>
    /// <param name="mask">Additive, [m, P + T]; null is causal attention of equal positions.</param>
    /// <param name="prefix">Rotated keys, and values, of the P positions before, [2, 1 or C, Hkv, P, d]; null where P is 0.</param>
    public RowCore(Attention module, (Tensor Queries, Tensor Others) projected, AttentionGroup group, Tensor? mask, Tensor? prefix)
    {
        using var scope = NewDisposeScope();
        (this.module, this.group) = (module, group);
        var joined = Joined(prefix, Own(projected.Others, group.FirstRow, group.Length));
        leaves = [Leaf(Own(projected.Queries, group.FirstQuery, group.Queries.Count)), Leaf(joined.select(2, 0)), Leaf(joined.select(2, 1))];
        using var grad = enable_grad();
        attended = FusedAttention.OfEqualHeads(leaves[0], leaves[1], leaves[2], mask).DetachFromDisposeScope();
    }

    /// <summary>The output before the last projection, [C·m, H·d], in memory that the backward pass reads.</summary>
    public Tensor Output => attended.detach().view(-1, module.Heads * module.HeadSize);

    /// <summary>
    /// The gradients with respect to rotated queries [C, m, H, d], rotated keys and values [C, T, Hkv, d]. Frees the tensors of the
    /// forward pass, so call it once.
    /// </summary>
    /// <param name="gradient">The gradient with respect to the output of the whole batch, [q, H·d].</param>
    public (Tensor Queries, Tensor Keys, Tensor Values) Backward(Tensor gradient)
    {
        var own = gradient.narrow(0, group.FirstQuery, attended.shape[0] * attended.shape[1]).view(attended.shape);
        var gradients = Gradients.Of(attended, leaves, own);
        foreach (var held in leaves.Append(attended))
        {
            held.Dispose();
        }

        return (gradients[0], OfKeyHeads(gradients[1]), OfKeyHeads(gradients[2]));
    }

    // The group's heads among the batch's, [1, rows, h, d] → [C, each, h, d].
    private Tensor Own(Tensor heads, long first, long each) =>
        heads.narrow(1, first, group.Variants * each).view(group.Variants, each, heads.shape[2], heads.shape[3]);

    // Keys and values of those before, and of the own positions [C, T, 2·Hkv, d], each repeated for the query heads that share
    // it, in one copy: [C, P + T, 2, H, d].
    private Tensor Joined(Tensor? prefix, Tensor others)
    {
        var own = Repeated(others.view(group.Variants, group.Length, 2, module.KvHeads, module.HeadSize));
        var before = prefix is null ? null : Repeated(prefix.permute(1, 3, 0, 2, 4)).expand(group.Variants, -1, -1, -1, -1, -1);
        return cat(before is null ? [own] : [before, own], 1).flatten(3, 4);
    }

    // [C, n, 2, Hkv, g, d], without a copy.
    private Tensor Repeated(Tensor x) => x.unsqueeze(4).expand(-1, -1, -1, -1, module.Heads / module.KvHeads, -1);

    // The sum over the query heads that share a key head, of the own positions alone: [C, T, Hkv, d].
    private Tensor OfKeyHeads(Tensor gradient) =>
        gradient.narrow(1, group.PrefixLength, group.Length)
            .view(group.Variants, group.Length, module.KvHeads, module.Heads / module.KvHeads, module.HeadSize).sum(3);

    private static Tensor Leaf(Tensor x) => x.detach().requires_grad_().DetachFromDisposeScope();
}
