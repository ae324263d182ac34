using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// Attention by libtorch's fused kernel, differentiated by autograd: for GPUs, and for types other than fp32.
/// Its twin <see cref="BlockedCore"/> is faster on CPUs in fp32.
/// </summary>
internal sealed class AutogradCore : IAttentionCore
{
    private readonly Attention module;
    private readonly ColumnPositions positions;
    private readonly QueryPositions queryPositions;
    private readonly Tensor[] leaves; // queries [C, m, H, d], keys and values [C, Hkv, T, d]
    private readonly double scale;
    private readonly Tensor attended; // [C, m, H·d]

    /// <param name="module">The attention, for the number and size of its heads.</param>
    /// <param name="projected">Queries [H·d, C·m], keys and values [Hkv·d, C·T], before rotation.</param>
    /// <param name="positions">The T positions of the keys, in each of C variants.</param>
    /// <param name="prefix">Rotated keys, and values, of the P positions before, [1, Hkv, P, d]; null where P is 0.</param>
    /// <param name="queryPositions">The m positions of each variant that have a query.</param>
    public AutogradCore(
        Attention module, (Tensor Queries, Tensor Keys, Tensor Values) projected, ColumnPositions positions,
        (Tensor Keys, Tensor Values)? prefix, QueryPositions queryPositions)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        (this.module, this.positions, this.queryPositions) = (module, positions, queryPositions);
        // The fused kernel divides by √d itself.
        scale = Math.Sqrt(module.HeadSize);
        leaves =
        [
            Leaf(queryPositions.Rotary.Rotate(PerHead(projected.Queries, module.Heads)).mul(Scalars.Of(scale)).permute(2, 3, 0, 1)),
            Leaf(positions.Rotary.Rotate(PerHead(projected.Keys, module.KvHeads)).permute(2, 0, 3, 1)),
            Leaf(PerHead(projected.Values, module.KvHeads).permute(2, 0, 3, 1)),
        ];
        attended = module.Attend(leaves[0], Joined(prefix?.Keys, leaves[1]), Joined(prefix?.Values, leaves[2]), queryPositions.Mask)
            .DetachFromDisposeScope();
        Output = attended.detach().view(-1, attended.shape[2]).t().DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Output { get; }

    /// <inheritdoc/>
    public (Tensor Queries, Tensor Keys, Tensor Values) Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var gradients = Gradients.Of(attended, leaves, gradient.t().view(attended.shape));
        foreach (var held in leaves.Append(attended).Append(Output))
        {
            held.Dispose();
        }

        return (
            Columns(queryPositions.Rotary.RotateBack(gradients[0].mul_(Scalars.Of(scale)).permute(2, 3, 0, 1))),
            Columns(positions.Rotary.RotateBack(gradients[1].permute(1, 3, 0, 2))),
            Columns(gradients[2].permute(1, 3, 0, 2)));
    }

    // [H·d, C·n] → [H, d, C, n]
    private Tensor PerHead(Tensor columns, long heads) => columns.view(heads, module.HeadSize, positions.Variants, -1);

    // [H, d, C, n] → [H·d, C·n]
    private static Tensor Columns(Tensor x) => x.reshape(x.shape[0] * x.shape[1], -1).MoveToOuterDisposeScope();

    private static Tensor Leaf(Tensor x) => x.detach().requires_grad_().DetachFromDisposeScope();

    // All variants share one prefix.
    private static Tensor Joined(Tensor? prefix, Tensor own) =>
        prefix is null ? own : cat([prefix.expand(own.shape[0], -1, -1, -1), own], 2);
}
