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
/// call computes no layer from max(layers) on and no position after the last visual one. Its tensors belong to the
/// caller's dispose scope, its prefix to itself.
/// </summary>
internal sealed class ReplayObjective : IDisposable
{
    private readonly QwenVlModel student;
    private readonly int entry;
    private readonly int exit;
    private readonly Tensor body; // [1, n, D], states entering the first layer, from the first visual position on
    private readonly Tensor visualIndex; // [N] into body
    private readonly Rotary rotary;
    private readonly PrefixContext context;
    private readonly IReadOnlyList<VariantObjective> variants;
    private readonly ILookup<int, (int Variant, Tensor Index, KlLoss Loss)> losses;

    /// <param name="prompt">The prompt as the student encoded it.</param>
    /// <param name="entry">The layer at whose input the offsets are added.</param>
    /// <param name="variants">What each row of the batch matches.</param>
    public ReplayObjective(EncodedPrompt prompt, int entry, IReadOnlyList<VariantObjective> variants)
    {
        using var quiet = no_grad();
        student = prompt.Model;
        this.entry = entry;
        this.variants = variants;
        exit = variants.SelectMany(v => v.Targets).Select(t => t.Layer).Append(entry).Max();
        var visual = prompt.Inputs.VisualPositions;
        var (first, end) = (visual[0], visual[^1] + 1);
        var table = student.RotaryOf(prompt.Inputs);
        var reached = Reach(prompt.Embedded.narrow(1, 0, end), table.Slice(0, end));
        body = reached.narrow(1, first, end - first);
        rotary = table.Slice(first, end);
        context = new PrefixContext(first, end - first, student.Type, student.Device);
        if (first > 0 && exit > entry)
        {
            RememberPrefix(reached.narrow(1, 0, first), table.Slice(0, first));
        }

        context.Seal();
        visualIndex = Index(visual.Select(p => p - first));
        losses = variants.Index()
            .SelectMany(v => v.Item.Targets.Select(t => (t.Layer, Loss: (
                v.Index, Index(t.Rows.Select(r => visual[r] - first)), new KlLoss(student, t.Words, v.Item.Direction)))))
            .ToLookup(l => l.Layer, l => l.Loss);
    }

    /// <summary>The loss of each variant, scalars, of its offsets [N, D] at the visual positions.</summary>
    public IReadOnlyList<Tensor> Values(IReadOnlyList<Tensor> offsets)
    {
        var stacked = stack([.. offsets]).to_type(body.dtype); // [C, N, D]
        var hidden = body.expand(offsets.Count, -1, -1).index_add(1, visualIndex, stacked, 1);
        var totals = offsets.Select(_ => (Tensor?)null).ToArray();
        for (var layer = entry; ; layer++)
        {
            foreach (var (variant, index, loss) in losses[layer])
            {
                var value = loss.Value(hidden[variant].index_select(0, index));
                totals[variant] = totals[variant] is { } total ? total + value : value;
            }

            if (layer == exit)
            {
                return [.. totals.Select((total, v) => (total ?? offsets[v].sum() * 0) / variants[v].Learnable)];
            }

            hidden = student.RunLayer(layer, hidden, rotary, context);
        }
    }

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

    private Tensor Index(IEnumerable<int> values) =>
        tensor(values.Select(v => (long)v).ToArray(), ScalarType.Int64, student.Device);

    public void Dispose() => context.Dispose();
}
