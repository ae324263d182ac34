using ActivationReplay.Kernels;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// How a replay loop holds the n states of a batch of prompts (<see cref="BatchPositions"/>): as columns for the C# kernels, as rows
/// for libtorch. One for each batch; everything that depends on the layout is here.
/// </summary>
internal abstract class LoopLayout : IDisposable
{
    private LoopLayout(IReadOnlyList<LoopPrompt> prompts)
    {
        var table = LoopPrompt.Joined(prompts);
        (Prompts, All) = (prompts, new BatchPositions(prompts, table, isLast: false));
        Last = prompts.Any(p => p.Last is not null) ? new BatchPositions(prompts, table, isLast: true) : All;
    }

    /// <summary>The layout of a model's backend.</summary>
    public static LoopLayout Of(Backend backend, IReadOnlyList<LoopPrompt> prompts) =>
        backend.HasKernels ? new Columns(prompts) : new Rows(prompts);

    /// <summary>The prompts, in the order of their states.</summary>
    public IReadOnlyList<LoopPrompt> Prompts { get; }

    /// <summary>The positions in all layers but the last.</summary>
    public BatchPositions All { get; }

    /// <summary>The positions in the last layer.</summary>
    public BatchPositions Last { get; }

    /// <summary>The states of all variants, given those of each prompt, [T, D].</summary>
    public abstract Tensor Hold(IReadOnlyList<Tensor> states);

    /// <summary>A gradient of 0 of <paramref name="count"/> states of width D, fp32.</summary>
    public abstract Tensor Zero(long count, long width, Device device);

    /// <summary>The states at <paramref name="index"/>, int64 [k], as rows [k, D].</summary>
    public abstract Tensor Read(Tensor states, Tensor index);

    /// <summary>Adds <paramref name="rows"/> [k, D] to the states at <paramref name="index"/>, in their type.</summary>
    public abstract void Add(Tensor rows, Tensor index, Tensor states);

    /// <summary>Runs a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="states">The states entering it; they must not change before its backward pass.</param>
    /// <param name="prefixes">Keys and values before each group, of <see cref="AttentionGroup.Prefix"/>.</param>
    /// <param name="isLast">Whether only the last layer's positions have an output.</param>
    public abstract ILayerPass Run(DecoderLayer layer, Tensor states, IReadOnlyList<Tensor?> prefixes, bool isLast);

    /// <summary>Frees what is kept from one step to the next.</summary>
    public virtual void Dispose()
    {
        // Rows keep nothing.
    }

    /// <summary>[D, n].</summary>
    private sealed class Columns : LoopLayout
    {
        private readonly ColumnPositions all;
        private readonly ColumnPositions last;
        private readonly HostMatrices room = new();
        private readonly Dictionary<DecoderLayer, ColumnWeights> weights = [];
        private readonly Dictionary<Tensor, HostMatrix> before = new(ReferenceEqualityComparer.Instance); // prefixes, turned

        public Columns(IReadOnlyList<LoopPrompt> prompts)
            : base(prompts)
        {
            var keys = new ColumnRotary(All.Keys);
            all = new ColumnPositions(All, keys);
            last = Last == All ? all : new ColumnPositions(Last, keys);
        }

        public override Tensor Hold(IReadOnlyList<Tensor> states) =>
            cat([.. Prompts.Zip(states, (p, s) => s.t().unsqueeze(1).expand(-1, p.Variants, -1).flatten(1))], 1).contiguous();

        public override Tensor Zero(long count, long width, Device device) => zeros([width, count], ScalarType.Float32, device);

        public override Tensor Read(Tensor states, Tensor index) => ColumnRows.Read(states, index);

        public override void Add(Tensor rows, Tensor index, Tensor states) => ColumnRows.Add(rows, index, states);

        public override ILayerPass Run(DecoderLayer layer, Tensor states, IReadOnlyList<Tensor?> prefixes, bool isLast)
        {
            if (!weights.TryGetValue(layer, out var own))
            {
                weights.Add(layer, own = new ColumnWeights(layer));
            }

            return new ColumnLayerPass(own, new HostMatrix(states), isLast ? last : all, [.. prefixes.Select(Turned)], room);
        }

        public override void Dispose()
        {
            base.Dispose();
            room.Dispose();
            foreach (var turned in before.Values)
            {
                turned.Tensor.Dispose();
            }
        }

        // [2, 1 or C, Hkv, d, P], as keys and values of the positions lie.
        private HostMatrix? Turned(Tensor? prefix)
        {
            if (prefix is null)
            {
                return null;
            }

            if (!before.TryGetValue(prefix, out var turned))
            {
                before.Add(prefix, turned = new HostMatrix(prefix.transpose(3, 4).contiguous().DetachFromDisposeScope()));
            }

            return turned;
        }
    }

    /// <summary>[n, D].</summary>
    private sealed class Rows : LoopLayout
    {
        private readonly RowPositions all;
        private readonly RowPositions last;

        public Rows(IReadOnlyList<LoopPrompt> prompts)
            : base(prompts)
        {
            all = new RowPositions(All);
            last = Last == All ? all : new RowPositions(Last);
        }

        public override Tensor Hold(IReadOnlyList<Tensor> states) =>
            cat([.. Prompts.Zip(states, (p, s) => s.unsqueeze(0).expand(p.Variants, -1, -1).flatten(0, 1))], 0).contiguous();

        public override Tensor Zero(long count, long width, Device device) => zeros([count, width], ScalarType.Float32, device);

        public override Tensor Read(Tensor states, Tensor index) => states.index_select(0, index);

        public override void Add(Tensor rows, Tensor index, Tensor states) =>
            states.index_add_(0, index, rows.to_type(states.dtype), Scalars.One);

        public override ILayerPass Run(DecoderLayer layer, Tensor states, IReadOnlyList<Tensor?> prefixes, bool isLast) =>
            new RowLayerPass(layer, states, isLast ? last : all, prefixes);
    }
}
