using ActivationReplay.Adjoint;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>The targets that one variant of a replay loop is to match.</summary>
/// <param name="Targets">The target's distributions, at layers from the one where offsets are added.</param>
/// <param name="Direction">Which of the two distributions comes first in the divergence.</param>
/// <param name="LearnableTokens">The number of learnable tokens, by which the loss is divided.</param>
public sealed record VariantObjective(IReadOnlyList<LayerTarget> Targets, KlDirection Direction, int LearnableTokens);

/// <summary>What the variants of one prompt are to match.</summary>
/// <param name="Prompt">The prompt, encoded by the student, with at least one visual token.</param>
/// <param name="Variants">At least one.</param>
public sealed record PromptObjective(EncodedPrompt Prompt, IReadOnlyList<VariantObjective> Variants);

/// <summary>
/// The losses of variants of one or several prompts as functions of their offsets, with gradients: for each variant, Σ over layers
/// of the mean KL over selected positions, divided by the number of learnable tokens. All of them run as one batch, in which each
/// equals itself alone, but for the order in which products of another size sum: states lie one after another, without padding, and
/// only attention is computed prompt by prompt. What does not depend on the offsets
/// is computed on construction. A call computes no layer from the last compared one on, no position after a prompt's last selected
/// one, and in the last layer outputs at the selected positions only. The backward pass is written by hand: see
/// <see cref="ILayerPass"/>. Tensors belong to the dispose scope in which the object is constructed, which has to outlive it;
/// <see cref="Dispose"/> frees the cached prefixes, the states without offsets, and the memory that evaluations lend from one to the next. One thread at a time.
/// </summary>
public sealed class ReplayObjective : IDisposable
{
    private readonly QwenVlModel student;
    private readonly LoopLayout layout;
    private readonly int entry;
    private readonly int exit;
    private readonly Tensor entering; // the states at the entry layer of all prompts and variants, without offsets
    private readonly Tensor visual; // where the visual tokens up to each prompt's last selected one lie among them, [v] int64
    private readonly Tensor? seen; // where these lie among all visual tokens of all variants, [v] int64; null where they are all
    private readonly IReadOnlyList<PrefixContext> prefixes; // of each prompt
    private readonly Dictionary<int, IReadOnlyList<Tensor?>> before = []; // keys and values before each group, by layer
    private readonly long atExit; // the number of states whose output of the last layer is computed
    private readonly List<LossGroup> groups;

    /// <summary>The objective of one prompt.</summary>
    /// <param name="prompt">The prompt, encoded by the student, with at least one visual token.</param>
    /// <param name="entry">The layer to whose input the offsets are added; 0 adds them to the embeddings.</param>
    /// <param name="variants">The targets of each of the C variants, at least one.</param>
    public ReplayObjective(EncodedPrompt prompt, int entry, IReadOnlyList<VariantObjective> variants)
        : this([new(prompt, variants)], entry)
    {
    }

    /// <summary>
    /// Computes what does not depend on the offsets: the states before the entry layer, and the prefixes' keys and values.
    /// </summary>
    /// <param name="prompts">The prompts, at least one, all encoded by the same model, with the targets of their variants.</param>
    /// <param name="entry">The layer to whose input the offsets are added; 0 adds them to the embeddings.</param>
    public ReplayObjective(IReadOnlyList<PromptObjective> prompts, int entry)
    {
        using var quiet = no_grad();
        student = prompts[0].Prompt.Model;
        this.entry = entry;
        exit = prompts.SelectMany(p => p.Variants).SelectMany(v => v.Targets).Select(t => t.Layer).Append(entry).Max();
        PromptExtent[] extents = [.. prompts.Select(p => new PromptExtent(p, entry, exit))];
        prefixes = [.. extents.Select(_ => new PrefixContext())];
        var (states, looped) = (new List<Tensor>(), new List<LoopPrompt>());
        foreach (var (extent, prefix) in extents.Zip(prefixes))
        {
            var table = student.RotaryOf(extent.Prompt.Inputs);
            states.Add(Reached(extent, table, prefix));
            looped.Add(new LoopPrompt(table.Slice(extent.First, extent.End), extent.First, extent.Variants, extent.Last));
        }

        layout = LoopLayout.Of(student.Backend, looped);
        entering = layout.Hold(states);
        states.ForEach(s => s.Dispose());
        for (var layer = entry; layer < exit; layer++)
        {
            Tensor?[] own = [.. prefixes.Select(p => p.Of(layer))];
            before[layer] = [.. (layer == exit - 1 ? layout.Last : layout.All).Groups.Select(g => g.Prefix(own))];
        }

        var places = BatchPlaces.Of(extents);
        (visual, seen) = (Index(places.Visual), places.AreAllSeen ? null : Index(places.Seen));
        atExit = places.AtExit;
        groups = [.. LossGroup.Of(
            student, [.. prompts.SelectMany(p => p.Variants)], (variant, target) => places.Of(variant, target.Rows, isExit: target.Layer == exit))];
    }

    /// <summary>
    /// The variants' losses, [C], and the gradient of each with respect to its learnable tokens, [count, D]; fp32.
    /// </summary>
    /// <param name="tokens">
    /// The learnable tokens of each variant, of the first prompt's, then the second's, and so on, [count, D] fp32 with requires_grad set.
    /// </param>
    /// <param name="grids">The grid of each variant, which upsamples learnable tokens to visual tokens.</param>
    public (Tensor Losses, IReadOnlyList<Tensor> Gradients) Evaluate(
        IReadOnlyList<Tensor> tokens, IReadOnlyList<LearnableGrid> grids)
    {
        Tensor[] offsets = [.. tokens.Zip(grids, (c, grid) => grid.Upsample(c))];
        var (losses, gradients) = Evaluate(offsets);
        return (losses, [.. tokens.Zip(offsets, gradients).Select(v =>
            ReferenceEquals(v.First, v.Second) ? v.Third : Gradients.Of(v.Second, [v.First], v.Third)[0])]);
    }

    /// <summary>The variants' losses, [C], and the gradient of each with respect to its offsets, [N, D]; fp32.</summary>
    /// <param name="offsets">The offsets of each variant at its prompt's N visual positions, [N, D] fp32, in the same order.</param>
    public (Tensor Losses, IReadOnlyList<Tensor> Gradients) Evaluate(IReadOnlyList<Tensor> offsets)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        if (groups.Count == 0)
        {
            return (
                zeros([offsets.Count], ScalarType.Float32, student.Device).MoveToOuterDisposeScope(),
                [.. offsets.Select(o => zeros_like(o).MoveToOuterDisposeScope())]);
        }

        var (layers, read) = RunLayers(WithOffsets(cat([.. offsets], 0)));
        Tensor? losses = null;
        var atReads = new List<(int Layer, Tensor States, Tensor Gradient)>();
        foreach (var (group, states) in groups.Zip(read))
        {
            var (values, gradient) = group.Evaluate(states);
            losses = losses?.PlusInPlace(values) ?? values;
            var row = 0L;
            foreach (var (layer, index) in group.Reads)
            {
                atReads.Add((layer, index, gradient.narrow(0, row, index.shape[0])));
                row += index.shape[0];
            }
        }

        return (losses!.MoveToOuterDisposeScope(), OffsetGradients(Backward(layers, atReads), offsets));
    }

    /// <summary>Frees what is large.</summary>
    public void Dispose()
    {
        entering.Dispose();
        layout.Dispose();
        foreach (var prefix in prefixes)
        {
            prefix.Dispose();
        }

        foreach (var held in before.Values.SelectMany(b => b))
        {
            held?.Dispose();
        }
    }

    // The states entering the first layer, given all offsets, [Σ N, D].
    private Tensor WithOffsets(Tensor offsets)
    {
        var hidden = entering.clone();
        layout.Add(seen is null ? offsets : offsets.index_select(0, seen), visual, hidden);
        return hidden;
    }

    // Runs the layers; returns their passes, and the states [rows, D] that each loss group compares.
    private (List<ILayerPass> Layers, List<Tensor> Read) RunLayers(Tensor hidden)
    {
        var layers = new List<ILayerPass>();
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
            student.CountPositions(isLast ? atExit : layout.All.Count);
            layers.Add(layout.Run(student.DecoderLayers[layer], hidden, before[layer], isLast));
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
    private Tensor Backward(List<ILayerPass> layers, List<(int Layer, Tensor States, Tensor Gradient)> atReads)
    {
        var gradient = layout.Zero(atExit, student.Config.Text.HiddenSize, student.Device);
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

    // The gradient with respect to each variant's offsets, [N, D] fp32; it is 0 at visual positions after the last selected one.
    private List<Tensor> OffsetGradients(Tensor gradient, IReadOnlyList<Tensor> offsets)
    {
        var all = layout.Read(gradient, visual);
        if (seen is not null)
        {
            all = zeros([offsets.Sum(o => o.shape[0]), all.shape[1]], all.dtype, all.device).index_copy_(0, seen, all);
        }

        var own = new List<Tensor>();
        var row = 0L;
        foreach (var count in offsets.Select(o => o.shape[0]))
        {
            own.Add(all.narrow(0, row, count).MoveToOuterDisposeScope());
            row += count;
        }

        return own;
    }

    // The states at the entry layer of the positions that are computed, [T, D]. Caches keys and values of those before.
    private Tensor Reached(PromptExtent extent, Rotary table, PrefixContext prefix)
    {
        using var scope = NewDisposeScope();
        var embedded = extent.Prompt.Embedded.narrow(1, 0, extent.End);
        var all = ForwardPass.Run(student, embedded, table.Slice(0, extent.End), CausalContext.Instance, null, entry + 1);
        if (extent.First > 0 && exit > entry)
        {
            CachePrefix(all.narrow(1, 0, extent.First), table.Slice(0, extent.First), prefix);
        }

        return all[0].narrow(0, extent.First, extent.Length).MoveToOuterDisposeScope();
    }

    private void CachePrefix(Tensor hidden, Rotary table, PrefixContext prefix)
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

    private Tensor Index(IReadOnlyList<long> places) => tensor([.. places], ScalarType.Int64, student.Device);
}
