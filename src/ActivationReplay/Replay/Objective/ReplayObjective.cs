using ActivationReplay.Adjoint;
using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>What one variant of a loop matches.</summary>
/// <param name="Targets">The target's distributions, at the layer where the offsets are added or at later ones.</param>
/// <param name="Direction">Which distribution comes first in the divergence.</param>
/// <param name="LearnableTokens">How many learnable tokens there are; the loss is divided by it.</param>
public sealed record VariantObjective(IReadOnlyList<LayerTarget> Targets, KlDirection Direction, int LearnableTokens);

/// <summary>
/// The losses of one or more variants as functions of their offsets: Σ over layers of mean KL, divided by the number of
/// learnable tokens. Variants are rows of one batch. What does not depend on offsets is computed once on construction; a
/// call computes no layer from max(layers) on, no position after the last selected one, and of the last layer only the
/// selected ones. Losses come with their gradients, which are computed by hand: see <see cref="ColumnLayer"/>. Its tensors
/// belong to the dispose scope in which it is made, which has to outlive it; <see cref="Dispose"/> frees the rest.
/// </summary>
public sealed class ReplayObjective : IDisposable
{
    private readonly QwenVlModel student;
    private readonly ColumnArithmetic arithmetic;
    private readonly int entry;
    private readonly int exit;
    private readonly Tensor entryStates; // [D, T], states entering the first layer as columns, from the first visual position on
    private readonly Tensor? visualIndex; // [N'] into the entryStates's columns; null where all of it is visual
    private readonly int visualCount; // N', visual positions that can reach the loss
    private readonly ColumnRotary rotary;
    private readonly PrefixContext prefix = new();
    private readonly QueryPositions all;
    private readonly QueryPositions last; // those whose states leave the last layer
    private readonly List<LossGroup> groups;

    /// <summary>Computes what does not depend on the offsets.</summary>
    /// <param name="prompt">The prompt as the student encoded it; it has visual tokens.</param>
    /// <param name="entry">The layer at whose input the offsets are added; 0 is the embeddings.</param>
    /// <param name="variants">What each variant matches; one or more.</param>
    public ReplayObjective(EncodedPrompt prompt, int entry, IReadOnlyList<VariantObjective> variants)
    {
        using var quiet = no_grad();
        student = prompt.Model;
        arithmetic = ColumnArithmetic.Of(student.Backend);
        this.entry = entry;
        var targets = variants.SelectMany(v => v.Targets).ToList();
        exit = targets.Select(t => t.Layer).Append(entry).Max();
        var visual = prompt.Inputs.VisualPositions;
        visualCount = targets.Select(t => t.Rows[^1] + 1).Append(1).Max();
        var (first, end) = (visual[0], visual[visualCount - 1] + 1);
        var table = student.RotaryOf(prompt.Inputs);
        var reached = StatesUpToEntry(prompt.Embedded.narrow(1, 0, end), table.Slice(0, end));
        entryStates = reached[0].narrow(0, first, end - first).t().contiguous();
        visualIndex = visualCount == end - first ? null : Index(visual.Take(visualCount).Select(p => p - first));
        if (first > 0 && exit > entry)
        {
            CachePrefix(reached.narrow(1, 0, first), table.Slice(0, first));
        }

        var slice = table.Slice(first, end);
        rotary = new ColumnRotary(slice);
        all = new QueryPositions(slice, first);
        int[] read = [.. targets.Where(t => t.Layer == exit).SelectMany(t => t.Rows).Distinct().Order().Select(r => visual[r] - first)];
        last = exit > entry && read.Length < end - first ? new QueryPositions(slice, first, read) : all;
        groups = [.. Grouped(variants, visual)];
    }

    /// <summary>Computes the variants' losses [C] and the gradient [count, D] of each at its learnable tokens, fp32.</summary>
    /// <param name="tokens">The learnable tokens, [count, D] fp32 that ask for gradients, one tensor a variant.</param>
    /// <param name="grids">How each variant's learnable tokens become offsets at the visual tokens.</param>
    public (Tensor Losses, IReadOnlyList<Tensor> Gradients) Evaluate(
        IReadOnlyList<Tensor> tokens, IReadOnlyList<LearnableGrid> grids)
    {
        Tensor[] offsets = [.. tokens.Zip(grids, (c, grid) => grid.Upsample(c))];
        var (losses, gradients) = Evaluate(offsets);
        return (losses, [.. tokens.Zip(offsets, gradients).Select(v => Gradients.Of(v.Second, [v.First], v.Third)[0])]);
    }

    /// <summary>Computes the variants' losses [C] and the gradient [N, D] of each at its offsets, fp32.</summary>
    /// <param name="offsets">What is added at the visual positions, [N, D] fp32, one tensor a variant.</param>
    public (Tensor Losses, IReadOnlyList<Tensor> Gradients) Evaluate(IReadOnlyList<Tensor> offsets)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var stacked = stack([.. offsets]); // [C, N, D]
        if (groups.Count == 0)
        {
            return (
                zeros([offsets.Count], ScalarType.Float32, student.Device).MoveToOuterDisposeScope(),
                [.. offsets.Select(o => zeros_like(o).MoveToOuterDisposeScope())]);
        }

        var (layers, read) = RunLayers(AddOffsets(stacked));
        var losses = zeros([offsets.Count], ScalarType.Float32, student.Device);
        var atReads = new List<(int Layer, Tensor Columns, Tensor Gradient)>();
        foreach (var (group, states) in groups.Zip(read))
        {
            var (values, gradient) = group.Evaluate(states);
            losses.PlusInPlace(values);
            var row = 0L;
            foreach (var (layer, columns) in group.Reads)
            {
                atReads.Add((layer, columns, gradient.narrow(0, row, columns.shape[0])));
                row += columns.shape[0];
            }
        }

        var atOffsets = OffsetGradients(Backward(layers, atReads, offsets.Count), stacked);
        return (
            losses.MoveToOuterDisposeScope(),
            [.. atOffsets.unbind(0).Select(g => g.MoveToOuterDisposeScope())]);
    }

    /// <inheritdoc/>
    public void Dispose() => prefix.Dispose();

    // The states entering the first layer as columns, [D, C·T].
    private Tensor AddOffsets(Tensor offsets)
    {
        var reaching = offsets.narrow(1, 0, visualCount).permute(2, 0, 1).to_type(entryStates.dtype); // [D, C, N']
        var states = entryStates.unsqueeze(1).expand(-1, offsets.shape[0], -1);
        return (visualIndex is null ? states.Plus(reaching) : states.index_add(2, visualIndex, reaching, Scalars.One)).flatten(1);
    }

    // Gives the passes, and the states [rows, D] that each group reads.
    private (List<ColumnLayer> Layers, List<Tensor> Read) RunLayers(Tensor hidden)
    {
        var variants = hidden.shape[1] / entryStates.shape[1];
        var positions = new ColumnPositions(variants, rotary);
        var layers = new List<ColumnLayer>();
        var read = groups.ConvertAll(_ => new List<Tensor>());
        for (var layer = entry; ; layer++)
        {
            foreach (var (group, states) in groups.Zip(read))
            {
                states.AddRange(group.Reads.Where(r => r.Layer == layer).Select(r => arithmetic.Read(hidden, r.Columns)));
            }

            if (layer == exit)
            {
                return (layers, read.ConvertAll(Joined));
            }

            var outputPositions = layer == exit - 1 ? last : all;
            student.CountPositions(variants * outputPositions.Indices.Count);
            layers.Add(new ColumnLayer(student.DecoderLayers[layer], hidden, positions, prefix.Of(layer), outputPositions));
            hidden = layers[^1].Output;
        }
    }

    private static Tensor Joined(List<Tensor> states)
    {
        var joined = cat(states, 0);
        states.ForEach(s => s.Dispose());
        return joined;
    }

    // The gradient [D, C·T] at the states entering the first layer.
    private Tensor Backward(List<ColumnLayer> layers, List<(int Layer, Tensor Columns, Tensor Gradient)> atReads, long variants)
    {
        var columns = variants * last.Indices.Count;
        var gradient = zeros([entryStates.shape[0], columns], ScalarType.Float32, student.Device);
        for (var layer = exit; ; layer--)
        {
            foreach (var read in atReads.Where(r => r.Layer == layer))
            {
                arithmetic.Add(read.Gradient, read.Columns, gradient);
            }

            if (layer == entry)
            {
                return gradient;
            }

            gradient = layers[layer - 1 - entry].Backward(gradient);
        }
    }

    // [C, N, D] fp32; no loss sees the visual positions after the last that reaches it.
    private Tensor OffsetGradients(Tensor gradient, Tensor offsets)
    {
        var split = gradient.view(gradient.shape[0], offsets.shape[0], -1); // [D, C, T]
        var visual = visualIndex is null ? split : split.index_select(2, visualIndex);
        var all = zeros_like(offsets);
        all.narrow(1, 0, visualCount).copy_(visual.permute(1, 2, 0));
        return all;
    }

    private Tensor StatesUpToEntry(Tensor embedded, Rotary table)
    {
        using var scope = NewDisposeScope();
        return ForwardPass.Run(student, embedded, table, CausalContext.Instance, null, entry + 1)
            .alias().MoveToOuterDisposeScope();
    }

    private void CachePrefix(Tensor hidden, Rotary table)
    {
        for (var layer = entry; layer < exit; layer++)
        {
            if (layer == exit - 1)
            {
                student.CacheKeysAndValues(layer, hidden, table, prefix);
            }
            else
            {
                hidden = student.RunLayer(layer, hidden, table, prefix);
            }
        }
    }

    /// <summary>
    /// Targets of one K and direction become one loss over all their positions, so that a step is few large operations;
    /// those of the whole vocabulary stay apart, for memory's sake.
    /// </summary>
    private IEnumerable<LossGroup> Grouped(IReadOnlyList<VariantObjective> variants, IReadOnlyList<int> visual)
    {
        var columnInLast = last.Indices.Index().ToDictionary(p => p.Item, p => p.Index);
        var parts = variants.Index()
            .SelectMany(v => v.Item.Targets.Select(t => (Variant: v.Index, v.Item.Direction, v.Item.LearnableTokens, Target: t)))
            .GroupBy(p => (p.Direction, Tokens: p.Target.Tokens.Ids.shape[1]));
        foreach (var part in parts)
        {
            var whole = part.Key.Tokens == student.Config.Text.VocabularySize;
            foreach (var group in whole ? part.Select(p => new[] { p }) : [part.OrderBy(p => p.Target.Layer).ToArray()])
            {
                var tokens = new TopTokens(
                    cat([.. group.Select(p => p.Target.Tokens.Ids)], 0), cat([.. group.Select(p => p.Target.Tokens.Probabilities)], 0));
                var weights = new float[variants.Count, tokens.Ids.shape[0]];
                var row = 0;
                foreach (var p in group)
                {
                    for (var i = 0; i < p.Target.Rows.Count; i++)
                    {
                        weights[p.Variant, row++] = 1f / p.Target.Rows.Count / p.LearnableTokens;
                    }
                }

                yield return new LossGroup(
                    [.. group.GroupBy(p => p.Target.Layer).Select(layer => (
                        layer.Key,
                        Index(layer.SelectMany(p => p.Target.Rows.Select(r => ColumnOf(p.Variant, visual[r] - visual[0], layer.Key))))))],
                    new KlLoss(student, tokens, part.Key.Direction),
                    tensor(weights, device: student.Device));
            }
        }

        // Of a position among the rows of a layer's states, the variants after one another.
        int ColumnOf(int variant, int position, int layer) => layer == exit
            ? variant * last.Indices.Count + columnInLast[position]
            : variant * (int)entryStates.shape[1] + position;
    }

    private Tensor Index(IEnumerable<int> values) =>
        tensor(values.Select(v => (long)v).ToArray(), ScalarType.Int64, student.Device);

    /// <summary>A loss over positions of several layers and variants.</summary>
    /// <param name="Reads">The layers in order, and the positions of each among its columns [D, C · positions].</param>
    /// <param name="Loss">Takes the states in the order of the layers.</param>
    /// <param name="Weights">What each position counts in each variant's loss, [C, n].</param>
    private sealed record LossGroup(IReadOnlyList<(int Layer, Tensor Columns)> Reads, KlLoss Loss, Tensor Weights)
    {
        // No position is of two variants, so that the sum of a column is the one weight in it.
        private readonly Tensor positionWeights = Weights.sum([0]);

        /// <summary>The variants' losses [C], and the gradient [n, D] of their sum.</summary>
        public (Tensor Losses, Tensor Gradient) Evaluate(Tensor states)
        {
            var (values, gradient) = Loss.Evaluate(states, positionWeights);
            return (Weights.mv(values), gradient);
        }
    }
}
