using ActivationReplay.Adjoint;
using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>The targets that one variant of a replay loop is to match.</summary>
/// <param name="Targets">The target's distributions, at layers from the one where offsets are added.</param>
/// <param name="Direction">Which of the two distributions comes first in the divergence.</param>
/// <param name="LearnableTokens">The number of learnable tokens, by which the loss is divided.</param>
public sealed record VariantObjective(IReadOnlyList<LayerTarget> Targets, KlDirection Direction, int LearnableTokens);

/// <summary>
/// The losses of C variants as functions of their offsets, with gradients: for each variant, Σ over layers of the mean KL over
/// selected positions, divided by the number of learnable tokens. Variants run as one batch. What does not depend on the offsets
/// is computed on construction. A call computes no layer from the last compared one on, no position after the last selected
/// one, and in the last layer outputs at the selected positions only. The backward pass is written by hand: see
/// <see cref="LayerPass"/>. Tensors belong to the dispose scope in which the object is constructed, which has to outlive it;
/// <see cref="Dispose"/> frees the cached prefix.
/// </summary>
public sealed class ReplayObjective : IDisposable
{
    private readonly QwenVlModel student;
    private readonly LoopLayout layout;
    private readonly int entry;
    private readonly int exit;
    private readonly Tensor entryStates; // the states at the entry layer at T positions from the first visual one on, without offsets
    private readonly int positions; // T
    private readonly Tensor? visualIndex; // [N'], the visual positions among the T; null where all of them are visual
    private readonly int visualCount; // N', the number of visual positions up to the last selected one
    private readonly PrefixContext prefix = new();
    private readonly int[] last; // the positions whose output of the last layer is compared, from 0 to T − 1
    private readonly List<LossGroup> groups;

    /// <summary>
    /// Computes what does not depend on the offsets: the states before the entry layer, and the prefix's keys and values.
    /// </summary>
    /// <param name="prompt">The prompt, encoded by the student, with at least one visual token.</param>
    /// <param name="entry">The layer to whose input the offsets are added; 0 adds them to the embeddings.</param>
    /// <param name="variants">The targets of each of the C variants, at least one.</param>
    public ReplayObjective(EncodedPrompt prompt, int entry, IReadOnlyList<VariantObjective> variants)
    {
        using var quiet = no_grad();
        student = prompt.Model;
        this.entry = entry;
        var targets = variants.SelectMany(v => v.Targets).ToList();
        exit = targets.Select(t => t.Layer).Append(entry).Max();
        var visual = prompt.Inputs.VisualPositions;
        visualCount = targets.Select(t => t.Rows[^1] + 1).Append(1).Max();
        var (first, end) = (visual[0], visual[visualCount - 1] + 1);
        positions = end - first;
        var table = student.RotaryOf(prompt.Inputs);
        var reached = StatesUpToEntry(prompt.Embedded.narrow(1, 0, end), table.Slice(0, end));
        visualIndex = visualCount == positions ? null : Index(visual.Take(visualCount).Select(p => p - first));
        if (first > 0 && exit > entry)
        {
            CachePrefix(reached.narrow(1, 0, first), table.Slice(0, first));
        }

        int[] read = [.. targets.Where(t => t.Layer == exit).SelectMany(t => t.Rows).Distinct().Order().Select(r => visual[r] - first)];
        var isPart = exit > entry && read.Length < positions;
        last = isPart ? read : [.. Enumerable.Range(0, positions)];
        layout = LoopLayout.Of(student.Backend, table.Slice(first, end), first, isPart ? read : null);
        entryStates = layout.Hold(reached[0].narrow(0, first, positions));
        groups = [.. Grouped(variants, visual)];
    }

    /// <summary>
    /// The variants' losses, [C], and the gradient of each with respect to its learnable tokens, [count, D]; fp32.
    /// </summary>
    /// <param name="tokens">The learnable tokens of each variant, [count, D] fp32 with requires_grad set.</param>
    /// <param name="grids">The grid of each variant, which upsamples learnable tokens to visual tokens.</param>
    public (Tensor Losses, IReadOnlyList<Tensor> Gradients) Evaluate(
        IReadOnlyList<Tensor> tokens, IReadOnlyList<LearnableGrid> grids)
    {
        Tensor[] offsets = [.. tokens.Zip(grids, (c, grid) => grid.Upsample(c))];
        var (losses, gradients) = Evaluate(offsets);
        return (losses, [.. tokens.Zip(offsets, gradients).Select(v => Gradients.Of(v.Second, [v.First], v.Third)[0])]);
    }

    /// <summary>The variants' losses, [C], and the gradient of each with respect to its offsets, [N, D]; fp32.</summary>
    /// <param name="offsets">The offsets of each variant at the N visual positions, [N, D] fp32.</param>
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

        var (layers, read) = RunLayers(layout.AddOffsets(entryStates, stacked.narrow(1, 0, visualCount), visualIndex), offsets.Count);
        var losses = zeros([offsets.Count], ScalarType.Float32, student.Device);
        var atReads = new List<(int Layer, Tensor States, Tensor Gradient)>();
        foreach (var (group, states) in groups.Zip(read))
        {
            var (values, gradient) = group.Evaluate(states);
            losses.PlusInPlace(values);
            var row = 0L;
            foreach (var (layer, index) in group.Reads)
            {
                atReads.Add((layer, index, gradient.narrow(0, row, index.shape[0])));
                row += index.shape[0];
            }
        }

        var atOffsets = OffsetGradients(Backward(layers, atReads, offsets.Count), stacked);
        return (
            losses.MoveToOuterDisposeScope(),
            [.. atOffsets.unbind(0).Select(g => g.MoveToOuterDisposeScope())]);
    }

    /// <inheritdoc/>
    public void Dispose() => prefix.Dispose();

    // Runs the layers; returns their passes, and the states [rows, D] that each loss group compares.
    private (List<LayerPass> Layers, List<Tensor> Read) RunLayers(Tensor hidden, long variants)
    {
        var layers = new List<LayerPass>();
        var read = groups.ConvertAll(_ => new List<Tensor>());
        for (var layer = entry; ; layer++)
        {
            foreach (var (group, states) in groups.Zip(read))
            {
                states.AddRange(group.Reads.Where(r => r.Layer == layer).Select(r => layout.Read(hidden, r.States)));
            }

            if (layer == exit)
            {
                return (layers, read.ConvertAll(Joined));
            }

            var isLast = layer == exit - 1;
            student.CountPositions(variants * (isLast ? last.Length : positions));
            layers.Add(layout.Run(student.DecoderLayers[layer], hidden, variants, prefix.Of(layer), isLast));
            hidden = layers[^1].Output;
        }
    }

    private static Tensor Joined(List<Tensor> states)
    {
        var joined = cat(states, 0);
        states.ForEach(s => s.Dispose());
        return joined;
    }

    // The gradient with respect to the states at the entry layer.
    private Tensor Backward(List<LayerPass> layers, List<(int Layer, Tensor States, Tensor Gradient)> atReads, long variants)
    {
        var gradient = layout.Zero(variants * last.Length, student.Config.Text.HiddenSize, student.Device);
        for (var layer = exit; ; layer--)
        {
            foreach (var read in atReads.Where(r => r.Layer == layer))
            {
                layout.Add(read.Gradient, read.States, gradient);
            }

            if (layer == entry)
            {
                return gradient;
            }

            gradient = layers[layer - 1 - entry].Backward(gradient);
        }
    }

    // The gradient with respect to the offsets, [C, N, D] fp32; it is 0 at visual positions after the last selected one.
    private Tensor OffsetGradients(Tensor gradient, Tensor offsets)
    {
        var all = zeros_like(offsets);
        all.narrow(1, 0, visualCount).copy_(layout.OffsetGradients(gradient, offsets.shape[0], visualIndex));
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
    /// Combines targets of the same K and direction into one loss over all their positions, so that a step consists of few large
    /// operations. Targets over the whole vocabulary stay separate, to save memory.
    /// </summary>
    private IEnumerable<LossGroup> Grouped(IReadOnlyList<VariantObjective> variants, IReadOnlyList<int> visual)
    {
        var placeInLast = last.Index().ToDictionary(p => p.Item, p => p.Index);
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
                        Index(layer.SelectMany(p => p.Target.Rows.Select(r => PlaceOf(p.Variant, visual[r] - visual[0], layer.Key))))))],
                    new KlLoss(student, tokens, part.Key.Direction),
                    tensor(weights, device: student.Device));
            }
        }

        // The place of a variant's position among the states of a layer.
        int PlaceOf(int variant, int position, int layer) => layer == exit
            ? variant * last.Length + placeInLast[position]
            : variant * positions + position;
    }

    private Tensor Index(IEnumerable<int> values) =>
        tensor(values.Select(v => (long)v).ToArray(), ScalarType.Int64, student.Device);

    /// <summary>A loss over n positions of several layers and variants.</summary>
    /// <param name="Reads">
    /// The layers in order, each with the indices of the compared states among those of C variants.
    /// </param>
    /// <param name="Loss">The divergences of the n positions, in the order of the layers.</param>
    /// <param name="Weights">The weight of each position in each variant's loss, [C, n].</param>
    private sealed record LossGroup(IReadOnlyList<(int Layer, Tensor States)> Reads, KlLoss Loss, Tensor Weights)
    {
        // Each position belongs to one variant, so that a column of weights has one entry that is not 0.
        private readonly Tensor positionWeights = Weights.sum([0]);

        /// <summary>The variants' losses, [C], and the gradient of their sum with respect to the states, [n, D].</summary>
        public (Tensor Losses, Tensor Gradient) Evaluate(Tensor states)
        {
            var (values, gradient) = Loss.Evaluate(states, positionWeights);
            return (Weights.mv(values), gradient);
        }
    }
}
