using ActivationReplay.Kernels;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>The operations on columns [D, n] that depend on the <see cref="Backend"/>. None records autograd gradients.</summary>
internal abstract class ColumnArithmetic
{
    private static readonly ColumnArithmetic Host = new HostColumns();
    private static readonly ColumnArithmetic Libtorch = new LibtorchColumns();

    /// <summary>The implementation for a model's backend: C# kernels on the CPU in fp32, libtorch elsewhere.</summary>
    public static ColumnArithmetic Of(Backend backend) => backend.HasKernels ? Host : Libtorch;

    /// <summary>RMSNorm of each column of x, [D, n], and r = 1/√(mean(x²) + ε) of each, [1, n] fp32.</summary>
    public abstract (Tensor Output, Tensor Inverse) Norm(RmsNorm norm, Tensor x);

    /// <summary>
    /// Adds the norm's gradient with respect to x to <paramref name="sum"/> [D, n] fp32, given the <paramref name="gradient"/>
    /// [D, n] with respect to its output and r from <see cref="Norm"/>.
    /// </summary>
    public abstract void AddNormBackward(RmsNorm norm, Tensor x, Tensor inverse, Tensor gradient, Tensor sum);

    /// <summary>
    /// The backward pass of silu(z) ⊙ u in place, all [I, n]: <paramref name="gate"/> holds z and receives the gradient of u,
    /// <paramref name="up"/> holds u and receives the gradient of z, <paramref name="inner"/> holds the gradient of the product
    /// and may be overwritten.
    /// </summary>
    public abstract void GatedBackward(Tensor gate, Tensor up, Tensor inner);

    /// <summary>Attention of projected queries, keys and values; <see cref="BlockedCore"/> documents the parameters.</summary>
    public abstract IAttentionCore Attend(
        Attention module, (Tensor Queries, Tensor Keys, Tensor Values) projected, ColumnPositions positions,
        (Tensor Keys, Tensor Values)? prefix, QueryPositions queryPositions);

    /// <summary>Gathers the columns at <paramref name="index"/>, int64 [k], as rows [k, D].</summary>
    public abstract Tensor Read(Tensor columns, Tensor index);

    /// <summary>Adds <paramref name="rows"/> [k, D] to the columns at <paramref name="index"/>.</summary>
    public abstract void Add(Tensor rows, Tensor index, Tensor columns);

    private sealed class HostColumns : ColumnArithmetic
    {
        public override (Tensor Output, Tensor Inverse) Norm(RmsNorm norm, Tensor x) => ColumnNorm.Forward(x, norm.Weight, norm.Epsilon);

        public override void AddNormBackward(RmsNorm norm, Tensor x, Tensor inverse, Tensor gradient, Tensor sum) =>
            ColumnNorm.AddBackward(x, norm.Weight, inverse, gradient, sum);

        public override void GatedBackward(Tensor gate, Tensor up, Tensor inner) => HostSwiGlu.Backward(gate, up, inner);

        public override IAttentionCore Attend(
            Attention module, (Tensor Queries, Tensor Keys, Tensor Values) projected, ColumnPositions positions,
            (Tensor Keys, Tensor Values)? prefix, QueryPositions queryPositions) =>
            new BlockedCore(module, projected, positions, prefix, queryPositions);

        public override Tensor Read(Tensor columns, Tensor index) => ColumnRows.Read(columns, index);

        public override void Add(Tensor rows, Tensor index, Tensor columns) => ColumnRows.Add(rows, index, columns);
    }

    private sealed class LibtorchColumns : ColumnArithmetic
    {
        public override (Tensor Output, Tensor Inverse) Norm(RmsNorm norm, Tensor x) => norm.Along(x, axis: 0);

        public override void AddNormBackward(RmsNorm norm, Tensor x, Tensor inverse, Tensor gradient, Tensor sum) =>
            norm.AddBackward(x, inverse, gradient, sum, axis: 0);

        public override void GatedBackward(Tensor gate, Tensor up, Tensor inner) => FeedForward.GatedBackward(gate, up, inner);

        public override IAttentionCore Attend(
            Attention module, (Tensor Queries, Tensor Keys, Tensor Values) projected, ColumnPositions positions,
            (Tensor Keys, Tensor Values)? prefix, QueryPositions queryPositions) =>
            new AutogradCore(module, projected, positions, prefix, queryPositions);

        public override Tensor Read(Tensor columns, Tensor index)
        {
            using var scope = NewDisposeScope();
            return columns.index_select(1, index).t().contiguous().MoveToOuterDisposeScope();
        }

        public override void Add(Tensor rows, Tensor index, Tensor columns)
        {
            // Sums of rows, then one transposed sum: several times faster than sums at columns.
            using var scope = NewDisposeScope();
            var all = zeros([columns.shape[1], columns.shape[0]], columns.dtype, columns.device);
            columns.PlusInPlace(all.index_add_(0, index, rows, Scalars.One).t());
        }
    }
}
