using ActivationReplay.Checkpoints;
using ActivationReplay.Models;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Parity;

/// <summary>One entry of replay.json: gradient, losses, offsets, masks, entropies and the answer.</summary>
internal sealed class VariantParity(CaseParity owner, string variant, VariantFile file, SafetensorsFile? recorded)
{
    private readonly List<ParityRow> rows = [];

    public IReadOnlyList<ParityRow> Run(ReplayContext context)
    {
        if (!ReplayMethods.TryGet(file.Method, out var method))
        {
            return [ParityRow.NotSupported(owner.Name, variant, $"method {file.Method}")];
        }

        var settings = file.Settings(method);
        Tensor? gradient = null;
        context.OnGradient = (_, g) => gradient ??= g.clone().DetachFromDisposeScope();
        using var prepared = method.Prepare(context, settings);
        context.OnGradient = null;
        // Kept beyond the scope of its step; the copy belongs to the case's scope.
        using var kept = gradient;
        Compare("gradient", kept?.clone(), TensorErrors.Relative, ParityLimits.Gradient);
        Compare("delta", prepared.LearnableTokens?.clone(), TensorErrors.OneMinusCosine, ParityLimits.OffsetCosine);
        if (prepared.Trace is { } trace)
        {
            CompareLosses(trace.Losses);
        }

        if (prepared.Selected is { } selected && method is not GlobalSmooth)
        {
            CompareSelection(context, settings, selected);
        }

        var prompt = context.Encoded(prepared.Answerer);
        if (method is CrossModel)
        {
            var states = ForwardPass.HiddenStates(prompt.Model, prompt.Embedded, context.Inputs, prepared.Intervention);
            Compare("hidden_states", states, TensorErrors.Relative, ParityLimits.Tensor);
        }

        var ids = owner.Answer(prepared.Answerer, prompt, prepared.Intervention);
        CompareAnswer(ids, owner.Decode(ids));
        owner.Answers.Replay[variant] = new ComputedVariant(prepared.Trace?.Losses, ids, owner.Decode(ids));
        return rows;
    }

    private void CompareLosses(IReadOnlyList<double> losses)
    {
        if (file.Losses is not { } expected)
        {
            return;
        }

        var error = losses.Count == expected.Count
            ? losses.Zip(expected).Max(p => Math.Abs(p.First - p.Second) / Math.Max(Math.Abs(p.Second), double.Epsilon))
            : double.PositiveInfinity;
        var limit = Math.Max(ParityLimits.Loss, ParityLimits.LossSensitivity * (file.Sensitivity?.Losses ?? 0));
        rows.Add(ParityRow.Of(owner.Name, $"{variant}.losses", error, limit));
    }

    private void CompareSelection(
        ReplayContext context, MethodSettings settings, IReadOnlyList<IReadOnlyList<int>> selected)
    {
        var (entropy, known) = Entropies(context, settings, selected.Count);
        var masks = zeros([selected.Count, context.Inputs.Length], ScalarType.Byte);
        foreach (var (row, positions) in selected.Index())
        {
            foreach (var position in positions)
            {
                masks[row, position] = 1;
            }
        }

        owner.ComputedReplay[$"{variant}.entropy"] = entropy;
        owner.ComputedReplay[$"{variant}.masks"] = masks;
        if (Recorded("entropy") is { } recordedEntropy)
        {
            var error = TensorErrors.Largest(entropy.index_select(1, known), recordedEntropy.index_select(1, known));
            rows.Add(ParityRow.Of(owner.Name, $"{variant}.entropy", error, ParityLimits.Nats));
        }

        if (Recorded("masks") is { } recordedMasks)
        {
            var differing = (masks != recordedMasks).nonzero();
            var wrong = Enumerable.Range(0, (int)differing.shape[0]).Count(i =>
                !NearThreshold((int)differing[i, 0].item<long>(), (int)differing[i, 1].item<long>()));
            rows.Add(ParityRow.Exact(owner.Name, $"{variant}.masks", wrong, (int)masks.numel()));
        }

        // An entropy this near to the cut may fall on either side.
        bool NearThreshold(int row, int position)
        {
            var value = entropy[row, position].item<float>();
            var cut = settings is CrossModelSettings cross
                ? cross.CrossThresholds[row]
                : Cut([.. context.Inputs.VisualPositions.Select(p => entropy[row, p].item<float>())], selected[row].Count, (SelectionSettings)settings);
            return Math.Abs(value - cut) <= ParityLimits.MaskMargin;
        }
    }

    private static double Cut(float[] entropies, int count, SelectionSettings settings) =>
        settings.Selection == EntropySelection.High && count > 0
            ? entropies.OrderDescending().ElementAt(count - 1)
            : TokenSelection.Threshold(entropies, settings.Threshold);

    /// <summary>Entropies [rows, T] of the target, and the positions at which they mean something.</summary>
    private (Tensor Entropy, Tensor Known) Entropies(ReplayContext context, MethodSettings settings, int count)
    {
        var role = file.Method == "reverse" ? ModelRole.Rlvr : ModelRole.Base;
        var sources = settings.RecordedLayers();
        var ratio = (settings as SelectionSettings)?.PrefillRatio ?? 1;
        var recording = context.Recorded(role, sources[^1] + 1, ratio == 1, ratio);
        var known = tensor(recording.Positions.Select(p => (long)p).ToArray());
        var entropy = zeros([count, context.Inputs.Length]);
        for (var row = 0; row < count; row++)
        {
            entropy[row].index_copy_(0, known, recording.Entropies[sources[row]].cpu());
        }

        return (entropy, known);
    }

    private void CompareAnswer(IReadOnlyList<int> ids, string text)
    {
        if (file.GreedyIds is { } expectedIds)
        {
            var (mismatches, count) = TensorErrors.Mismatches(ids, expectedIds);
            rows.Add(ParityRow.Exact(owner.Name, $"{variant}.greedy_ids", mismatches, count));
        }
        else if (file.GreedyText is { } expectedText)
        {
            rows.Add(ParityRow.Exact(owner.Name, $"{variant}.greedy_text", text == expectedText ? 0 : 1, 1));
        }
    }

    private void Compare(string quantity, Tensor? computed, Func<Tensor, Tensor, double> error, double limit)
    {
        if (computed is null)
        {
            return;
        }

        owner.ComputedReplay[$"{variant}.{quantity}"] = computed;
        if (Recorded(quantity) is { } expected)
        {
            rows.Add(ParityRow.Of(owner.Name, $"{variant}.{quantity}", error(computed, expected), limit));
        }
    }

    private Tensor? Recorded(string quantity)
    {
        var name = $"{variant}.{quantity}";
        return recorded?.Entries.ContainsKey(name) == true ? recorded.Read(name) : null;
    }
}
