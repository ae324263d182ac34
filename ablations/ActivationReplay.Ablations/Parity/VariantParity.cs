using ActivationReplay.Checkpoints;
using ActivationReplay.Replay;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Parity;

/// <summary>One entry of replay.json: gradient, losses, offsets, masks, entropies and the answer.</summary>
internal sealed class VariantParity(CaseParity owner, string variant, VariantFile file, SafetensorsFile? recorded)
{
    private readonly List<ParityRow> rows = [];

    public IReadOnlyList<ParityRow> Run(ReplayContext context)
    {
        if (Unsupported() is { } reason)
        {
            return [ParityRow.NotSupported(owner.Name, variant, reason)];
        }

        var settings = file.Settings();
        Tensor? gradient = null;
        context.OnGradient = (_, g) => gradient ??= g.clone().DetachFromDisposeScope();
        using var prepared = ReplayMethods.Get(file.Method).Prepare(context, settings);
        context.OnGradient = null;
        Compare("gradient", gradient, TensorErrors.Relative, ParityLimits.Gradient);
        Compare("delta", prepared.Cells?.clone(), TensorErrors.OneMinusCosine, ParityLimits.OffsetCosine);
        CompareLosses(prepared.Trace!.Losses);
        CompareSelection(context, settings, prepared);
        var ids = owner.Answer(prepared.Answerer, context.Encoded(prepared.Answerer), prepared.Intervention);
        CompareAnswer(ids, owner.Decode(ids));
        owner.Answers.Replay[variant] = new ComputedVariant(prepared.Trace.Losses, ids, owner.Decode(ids));
        return rows;
    }

    private string? Unsupported() =>
        !ReplayMethods.TryGet(file.Method, out _) ? $"method {file.Method}"
        : file.GridRatio is { } grid && grid != 1 ? $"learnable grid ratio {grid}"
        : file.PrefillRatio is { } prefill && prefill != 1 ? $"prefill ratio {prefill}"
        : null;

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

    private void CompareSelection(ReplayContext context, ReplaySettings settings, Preparation prepared)
    {
        var length = context.Inputs.Length;
        var recording = context.Recorded(
            ModelRole.Base, LayerTarget.RecordedLayer(settings.Layers[^1], settings.Alignment) + 1, allPositions: true);
        var layers = settings.Layers.Select(l => LayerTarget.RecordedLayer(l, settings.Alignment)).ToArray();
        var entropy = stack([.. layers.Select(l => recording.Entropies[l])]);
        var masks = zeros([layers.Length, length], ScalarType.Byte);
        for (var row = 0; row < layers.Length; row++)
        {
            foreach (var position in prepared.Selected![row])
            {
                masks[row, position] = 1;
            }
        }

        Compare("entropy", entropy, TensorErrors.Largest, ParityLimits.Nats);
        owner.ComputedReplay[$"{variant}.masks"] = masks;
        if (Recorded("masks") is { } expected)
        {
            var differing = (masks != expected).nonzero();
            var wrong = Enumerable.Range(0, (int)differing.shape[0]).Count(i =>
                !NearThreshold((int)differing[i, 0].item<long>(), (int)differing[i, 1].item<long>()));
            rows.Add(ParityRow.Exact(owner.Name, $"{variant}.masks", wrong, (int)masks.numel()));
        }

        bool NearThreshold(int row, int position)
        {
            var entropies = recording.EntropiesAt(layers[row], context.Inputs.VisualPositions);
            var threshold = TokenSelection.Threshold(entropies, settings.Threshold);
            return Math.Abs(entropy[row, position].item<float>() - threshold) <= ParityLimits.MaskMargin;
        }
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
