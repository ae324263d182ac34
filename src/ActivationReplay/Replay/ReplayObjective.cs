using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay;

/// <summary>
/// The loss as a function of the offsets: Σ over layers of mean KL, divided by the number of learnable tokens. What does
/// not depend on the offsets is computed once on construction; a call computes no layer from max(layers) on and no
/// position after the last visual one. Its tensors belong to the caller's dispose scope,
/// its prefix to itself.
/// </summary>
internal sealed class ReplayObjective : IDisposable
{
    private readonly QwenVlModel student;
    private readonly int entry;
    private readonly int exit;
    private readonly int learnable;
    private readonly Tensor body; // [1, n, D], states entering the first layer, from the first visual position on
    private readonly Tensor visualIndex; // [N] into body
    private readonly Rotary rotary;
    private readonly PrefixContext context;
    private readonly Dictionary<int, (Tensor Index, KlLoss Loss)> losses;

    /// <param name="prompt">The prompt as the student encoded it.</param>
    /// <param name="entry">The layer at whose input the offsets are added.</param>
    /// <param name="targets">What to match, at <paramref name="entry"/> or later layers.</param>
    /// <param name="direction">Order of the divergence.</param>
    /// <param name="learnable">Number of learnable tokens.</param>
    public ReplayObjective(
        EncodedPrompt prompt, int entry, IReadOnlyList<LayerTarget> targets, KlDirection direction, int learnable)
    {
        using var quiet = no_grad();
        student = prompt.Model;
        this.entry = entry;
        this.learnable = learnable;
        exit = targets.Count == 0 ? entry : targets.Max(t => t.Layer);
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
        losses = targets.ToDictionary(
            t => t.Layer,
            t => (Index(t.Rows.Select(r => visual[r] - first)), new KlLoss(student, t.Words, direction)));
    }

    /// <summary>The loss, a scalar, of offsets [N, D] at the visual positions.</summary>
    public Tensor Value(Tensor offsets)
    {
        var hidden = body.index_add(1, visualIndex, offsets.to_type(body.dtype).unsqueeze(0), 1);
        Tensor? total = null;
        for (var layer = entry; ; layer++)
        {
            if (losses.TryGetValue(layer, out var at))
            {
                var loss = at.Loss.Value(hidden.squeeze(0).index_select(0, at.Index));
                total = total is null ? loss : total + loss;
            }

            if (layer == exit)
            {
                return (total ?? offsets.sum() * 0) / learnable;
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
