using ActivationReplay.Kernels;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// How a replay loop holds the states of T positions of C variants: as columns for the C# kernels, as rows for libtorch. One for
/// each prompt; everything that depends on the layout is here.
/// </summary>
internal abstract class LoopLayout
{
    /// <summary>The layout of a model's backend.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="table">Rotary table of the T positions, [1, T, 1, d].</param>
    /// <param name="prefixLength">P, the number of positions before them.</param>
    /// <param name="last">
    /// The positions whose output of the last layer is computed, as ascending indices from 0 to T − 1; null is all of them.
    /// </param>
    public static LoopLayout Of(Backend backend, Rotary table, long prefixLength, IReadOnlyList<int>? last) =>
        backend.HasKernels ? new Columns(table, prefixLength, last) : new Rows(table, prefixLength, last);

    /// <summary>States [T, D] as this layout holds those of one variant.</summary>
    public abstract Tensor Hold(Tensor states);

    /// <summary>The states of C variants, with the offsets of each added.</summary>
    /// <param name="held">From <see cref="Hold"/>.</param>
    /// <param name="offsets">The offsets, [C, n, D] fp32.</param>
    /// <param name="index">Their n positions, int64; null where they are all T.</param>
    public abstract Tensor AddOffsets(Tensor held, Tensor offsets, Tensor? index);

    /// <summary>The gradient with respect to the offsets, [C, n, D], given that with respect to the states.</summary>
    public abstract Tensor OffsetGradients(Tensor gradient, long variants, Tensor? index);

    /// <summary>A gradient of 0 of <paramref name="count"/> states of width D, fp32.</summary>
    public abstract Tensor Zero(long count, long width, Device device);

    /// <summary>The states at <paramref name="index"/>, int64 [k], as rows [k, D].</summary>
    public abstract Tensor Read(Tensor states, Tensor index);

    /// <summary>Adds <paramref name="rows"/> [k, D] to the states at <paramref name="index"/>.</summary>
    public abstract void Add(Tensor rows, Tensor index, Tensor states);

    /// <summary>Runs a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="states">The states entering it; they must not change before its backward pass.</param>
    /// <param name="variants">C.</param>
    /// <param name="prefix">Keys and values of the P positions before, [2, 1, Hkv, P, d]; null where P is 0.</param>
    /// <param name="isLast">Whether only the last layer's positions have an output.</param>
    public abstract LayerPass Run(DecoderLayer layer, Tensor states, long variants, Tensor? prefix, bool isLast);

    /// <summary>[D, C·T].</summary>
    private sealed class Columns : LoopLayout
    {
        private readonly ColumnRotary rotary;
        private readonly QueryPositions all;
        private readonly QueryPositions last;

        public Columns(Rotary table, long prefixLength, IReadOnlyList<int>? lastIndices)
        {
            rotary = new ColumnRotary(table);
            all = new QueryPositions(table, prefixLength);
            last = lastIndices is null ? all : new QueryPositions(table, prefixLength, lastIndices);
        }

        public override Tensor Hold(Tensor states) => states.t().contiguous();

        public override Tensor AddOffsets(Tensor held, Tensor offsets, Tensor? index)
        {
            var added = offsets.permute(2, 0, 1).to_type(held.dtype); // [D, C, n]
            var states = held.unsqueeze(1).expand(-1, offsets.shape[0], -1);
            // The sum of one position of several variants may lie in memory as the offsets do.
            return (index is null ? states.Plus(added) : states.index_add(2, index, added, Scalars.One)).flatten(1).contiguous();
        }

        public override Tensor OffsetGradients(Tensor gradient, long variants, Tensor? index)
        {
            var split = gradient.view(gradient.shape[0], variants, -1); // [D, C, T]
            return (index is null ? split : split.index_select(2, index)).permute(1, 2, 0);
        }

        public override Tensor Zero(long count, long width, Device device) => zeros([width, count], ScalarType.Float32, device);

        public override Tensor Read(Tensor states, Tensor index) => ColumnRows.Read(states, index);

        public override void Add(Tensor rows, Tensor index, Tensor states) => ColumnRows.Add(rows, index, states);

        public override LayerPass Run(
            DecoderLayer layer, Tensor states, long variants, Tensor? prefix, bool isLast) =>
            new(layer, states, new ColumnParts(
                new ColumnPositions(variants, rotary), prefix is null ? null : (prefix.select(0, 0), prefix.select(0, 1)), isLast ? last : all));
    }

    /// <summary>[C·T, D].</summary>
    private sealed class Rows : LoopLayout
    {
        private readonly RowPositions all;
        private readonly RowPositions last;

        public Rows(Rotary table, long prefixLength, IReadOnlyList<int>? lastIndices)
        {
            all = new RowPositions(table, prefixLength);
            last = lastIndices is null ? all : new RowPositions(table, prefixLength, lastIndices);
        }

        public override Tensor Hold(Tensor states) => states.contiguous();

        public override Tensor AddOffsets(Tensor held, Tensor offsets, Tensor? index)
        {
            var added = offsets.to_type(held.dtype); // [C, n, D]
            var states = held.unsqueeze(0).expand(offsets.shape[0], -1, -1);
            return (index is null ? states.Plus(added) : states.index_add(1, index, added, Scalars.One)).flatten(0, 1);
        }

        public override Tensor OffsetGradients(Tensor gradient, long variants, Tensor? index)
        {
            var split = gradient.view(variants, -1, gradient.shape[1]); // [C, T, D]
            return index is null ? split : split.index_select(1, index);
        }

        public override Tensor Zero(long count, long width, Device device) => zeros([count, width], ScalarType.Float32, device);

        public override Tensor Read(Tensor states, Tensor index) => states.index_select(0, index);

        public override void Add(Tensor rows, Tensor index, Tensor states) => states.index_add_(0, index, rows, Scalars.One);

        public override LayerPass Run(
            DecoderLayer layer, Tensor states, long variants, Tensor? prefix, bool isLast) =>
            new(layer, states, new RowParts(layer.Attention.Backend, variants, isLast ? last : all, prefix));
    }
}
