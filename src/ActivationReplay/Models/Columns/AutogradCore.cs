using static TorchSharp.torch;

namespace ActivationReplay.Models.Columns;

/// <summary>Attention by libtorch's own fused kernel and its gradient, for devices and types that have good ones.</summary>
internal sealed class AutogradCore : IAttentionCore
{
    private readonly Tensor[] leaves; // queries [C, m, H, d], keys and values [C, Hkv, T, d]
    private readonly double scale;
    private readonly Tensor mixed; // [C, m, H·d]

    /// <inheritdoc cref="BlockedCore(Tensor, Tensor, Tensor, ValueTuple{Tensor, Tensor}?, ColumnQueries)"/>
    public AutogradCore(
        Attention module, Tensor q, Tensor k, Tensor v, (Tensor Keys, Tensor Values)? prefix, ColumnQueries asking)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        // The fused kernel divides by √d itself.
        scale = Math.Sqrt(q.shape[1]);
        leaves = [Leaf(q.mul(scale).permute(2, 3, 0, 1)), Leaf(k.permute(2, 0, 3, 1)), Leaf(v.permute(2, 0, 3, 1))];
        mixed = module.Attend(leaves[0], Joined(prefix?.Keys, leaves[1]), Joined(prefix?.Values, leaves[2]), asking.Mask)
            .DetachFromDisposeScope();
        Output = mixed.detach().view(-1, mixed.shape[2]).t().DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Output { get; }

    /// <inheritdoc/>
    public (Tensor Queries, Tensor Keys, Tensor Values) Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var gradients = autograd.grad([mixed], leaves, [gradient.t().view(mixed.shape)]);
        foreach (var held in leaves.Append(mixed).Append(Output))
        {
            held.Dispose();
        }

        return (
            gradients[0].mul_(scale).permute(2, 3, 0, 1).MoveToOuterDisposeScope(),
            gradients[1].permute(1, 3, 0, 2).MoveToOuterDisposeScope(),
            gradients[2].permute(1, 3, 0, 2).MoveToOuterDisposeScope());
    }

    private static Tensor Leaf(Tensor x) => x.detach().requires_grad_().DetachFromDisposeScope();

    // One prefix serves every variant of the batch.
    private static Tensor Joined(Tensor? prefix, Tensor own) =>
        prefix is null ? own : cat([prefix.expand(own.shape[0], -1, -1, -1), own], 2);
}
