using ActivationReplay.Lens;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay;

/// <summary>What one variant of a loop matches.</summary>
/// <param name="Targets">At the entry layer or later ones.</param>
/// <param name="Direction">Order of the divergence.</param>
/// <param name="Learnable">Number of learnable tokens, by which the loss is divided.</param>
internal sealed record VariantObjective(IReadOnlyList<LayerTarget> Targets, KlDirection Direction, int Learnable);

/// <summary>
/// The losses of one or more variants as functions of their offsets: Σ over layers of mean KL, divided by the number of
/// learnable tokens. Variants are rows of one batch. What does not depend on offsets is computed once on construction; a
/// call computes no layer from max(layers) on, no position after the last selected one, and of the last layer only the
/// selected ones. Its tensors belong to the caller's dispose scope, its prefix to itself.
/// </summary>
internal sealed class ReplayObjective : IDisposable
{
    private readonly QwenVlModel student;
    private readonly int entry;
    private readonly int exit;
    private readonly Tensor body; // [1, n, D], states entering the first layer, from the first visual position on
    private readonly Tensor? visualIndex; // [N'] into body; null where all of it is visual
    private readonly int visualCount; // N', visual positions that can reach the loss
    private readonly Rotary rotary;
    private readonly PrefixContext context = new();
    private readonly QueryRows? lastRows;
    private readonly List<LossGroup> groups;

    /// <param name="prompt">The prompt as the student encoded it.</param>
    /// <param name="entry">The layer at whose input the offsets are added.</param>
    /// <param name="variants">What each row of the batch matches.</param>
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
        var table = student.RotaryOf(prompt.Inputs);
        var reached = Reach(prompt.Embedded.narrow(1, 0, end), table.Slice(0, end));
        body = reached.narrow(1, first, end - first);
        rotary = table.Slice(first, end);
        visualIndex = visualCount == end - first ? null : Index(visual.Take(visualCount).Select(p => p - first));
        if (first > 0 && exit > entry)
        {
            RememberPrefix(reached.narrow(1, 0, first), table.Slice(0, first));
        }

        context.Seal();
        int[] last = [.. targets.Where(t => t.Layer == exit).SelectMany(t => t.Rows).Distinct().Order().Select(r => visual[r] - first)];
        lastRows = exit > entry && last.Length < end - first ? Rows(last, first) : null;
        groups = [.. Grouped(variants, visual, lastRows is null ? null : last)];
    }

    /// <summary>The losses [C] of the variants' offsets [N, D] at the visual positions.</summary>
    public Tensor Values(IReadOnlyList<Tensor> offsets)
    {
        var stacked = stack([.. offsets]); // [C, N, D]
        if (groups.Count == 0)
        {
            return stacked.sum([1, 2]) * 0;
        }

        var reaching = stacked.narrow(1, 0, visualCount).to_type(body.dtype);
        var hidden = visualIndex is null
            ? body + reaching
            : body.expand(offsets.Count, -1, -1).index_add(1, visualIndex, reaching, 1);
        var read = groups.ConvertAll(_ => new List<Tensor>());
        for (var layer = entry; ; layer++)
        {
            var flat = hidden.view(-1, hidden.shape[2]);
            foreach (var (group, states) in groups.Zip(read))
            {
                states.AddRange(group.Reads[layer].Select(rows => flat.index_select(0, rows)));
            }

            if (layer == exit)
            {
                break;
            }

            hidden = student.RunLayer(layer, hidden, rotary, context, layer == exit - 1 ? lastRows : null);
        }

        return groups.Zip(read, (group, states) => group.Value(states)).Aggregate((a, b) => a + b);
    }

    /// <inheritdoc/>
    public void Dispose() => context.Dispose();

    private Tensor Reach(Tensor embedded, Rotary table)
    {
        using var scope = NewDisposeScope();
        return ForwardPass.Run(student, embedded, table, CausalContext.Instance, null, entry + 1)
            .alias().MoveToOuterDisposeScope();
    }

    private void RememberPrefix(Tensor hidden, Rotary table)
    {
        for (var layer = entry; layer < exit; layer++)
        {
            if (layer == exit - 1)
            {
                student.Remember(layer, hidden, table, context);
            }
            else
            {
                hidden = student.RunLayer(layer, hidden, table, context);
            }
        }
    }

    // What the body's positions at some places see: the prefix, and the body up to themselves.
    private QueryRows Rows(int[] places, int prefix)
    {
        var index = Index(places);
        var keys = arange(prefix + body.shape[1], ScalarType.Int64, student.Device);
        var hidden = keys.unsqueeze(0).gt((index + prefix).unsqueeze(1));
        var mask = zeros(hidden.shape, body.dtype, student.Device).masked_fill(hidden, double.NegativeInfinity);
        return new QueryRows(index, rotary.At(index), mask);
    }

    /// <summary>
    /// Targets of one K and direction become one loss over all their positions, so that a step is few large operations;
    /// those of the whole vocabulary stay apart, for memory's sake.
    /// </summary>
    private IEnumerable<LossGroup> Grouped(IReadOnlyList<VariantObjective> variants, IReadOnlyList<int> visual, int[]? last)
    {
        var parts = variants.Index()
            .SelectMany(v => v.Item.Targets.Select(t => (Variant: v.Index, v.Item.Direction, v.Item.Learnable, Target: t)))
            .GroupBy(p => (p.Direction, Words: p.Target.Words.Ids.shape[1]));
        foreach (var part in parts)
        {
            var whole = part.Key.Words == student.Config.Text.VocabularySize;
            foreach (var group in whole ? part.Select(p => new[] { p }) : [part.OrderBy(p => p.Target.Layer).ToArray()])
            {
                var words = new TopWords(
                    cat([.. group.Select(p => p.Target.Words.Ids)], 0), cat([.. group.Select(p => p.Target.Words.Probabilities)], 0));
                var weights = new float[variants.Count, words.Ids.shape[0]];
                var row = 0;
                foreach (var p in group)
                {
                    for (var i = 0; i < p.Target.Rows.Count; i++)
                    {
                        weights[p.Variant, row++] = 1f / p.Target.Rows.Count / p.Learnable;
                    }
                }

                yield return new LossGroup(
                    group.GroupBy(p => p.Target.Layer).ToLookup(
                        layer => layer.Key,
                        layer => Index(layer.SelectMany(p => p.Target.Rows.Select(r => Place(p.Variant, visual[r] - visual[0], layer.Key))))),
                    new KlLoss(student, words, part.Key.Direction),
                    tensor(weights, device: student.Device));
            }
        }

        // Of a position among the rows of a layer's states, the variants after one another.
        int Place(int variant, int position, int layer) => layer == exit && last is not null
            ? variant * last.Length + Array.BinarySearch(last, position)
            : variant * (int)body.shape[1] + position;
    }

    private Tensor Index(IEnumerable<int> values) =>
        tensor(values.Select(v => (long)v).ToArray(), ScalarType.Int64, student.Device);

    /// <summary>A loss over positions of several layers and variants.</summary>
    /// <param name="Reads">The positions of each layer, into its states [C · positions, D].</param>
    /// <param name="Loss">Takes the states in the order of the layers.</param>
    /// <param name="Weights">What each position counts in each variant's loss, [C, n].</param>
    private sealed record LossGroup(ILookup<int, Tensor> Reads, KlLoss Loss, Tensor Weights)
    {
        public Tensor Value(List<Tensor> states) => Weights.mv(Loss.Values(states.Count == 1 ? states[0] : cat(states, 0)));
    }
}
