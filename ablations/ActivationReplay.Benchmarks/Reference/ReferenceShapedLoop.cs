using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Inputs;
using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Native;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Benchmarks.Reference;

/// <summary>The result of a run of <see cref="ReferenceShapedLoop"/>.</summary>
/// <param name="Losses">Before each step, nats a learnable token.</param>
/// <param name="Seconds">Wall-clock time of the iterations alone.</param>
internal sealed record ReferenceRun(IReadOnlyList<double> Losses, double Seconds);

/// <summary>
/// The loop as the method's released code computes it, on this engine: each iteration runs the vision tower and all layers
/// over all positions, the head over all positions, and at each selected layer the whole vocabulary's logits at the selected
/// positions of base (without gradient) and RLVR (with it); then the loss on the target's top K tokens, and backward to δ.
/// It gives the losses of <c>replay</c> for plain gradient descent.
/// </summary>
internal static class ReferenceShapedLoop
{
    /// <summary>Runs the loop of <paramref name="settings"/>.</summary>
    /// <param name="context">
    /// The prompt and both models. The base model is recorded once beforehand, as the released code does.
    /// </param>
    /// <param name="settings">Of method <c>replay</c>, optimiser SGD.</param>
    /// <exception cref="ArgumentException">The settings ask for what the released code does not do.</exception>
    public static ReferenceRun Run(ReplayContext context, ReplaySettings settings)
    {
        if (settings.Optimiser != OptimiserKind.Sgd || settings.Direction != KlDirection.Forward || settings.TopK == 0)
        {
            throw new ArgumentException("The released code takes plain steps on the forward divergence of K tokens.", nameof(settings));
        }

        using var scope = NewDisposeScope();
        var inputs = context.Inputs;
        var student = context.Model(ModelRole.Rlvr);
        var targets = Targets(context, settings);
        var rotary = student.RotaryOf(inputs);
        var visual = Index(inputs.VisualPositions, student.Device);
        var offsets = zeros(
            [inputs.VisualPositions.Count, student.Config.Text.HiddenSize], ScalarType.Float32, student.Device, requires_grad: true);
        var losses = new List<double>();
        var seconds = DeviceClock.Seconds(student.Device, () =>
        {
            for (var iteration = 0; iteration < settings.Iterations; iteration++)
            {
                using var pass = NewDisposeScope();
                var loss = Loss(context, targets, rotary, visual, offsets, settings.TopK);
                var gradient = Gradients.Of(loss, [offsets])[0];
                using var quiet = no_grad();
                losses.Add(loss.item<float>());
                offsets.add_(gradient, alpha: -settings.LearningRate);
            }
        });
        return new ReferenceRun(losses, seconds);
    }

    /// <summary>The base states at the selected positions of each layer.</summary>
    private static List<LayerRows> Targets(ReplayContext context, ReplaySettings settings)
    {
        var positions = context.Inputs.VisualPositions;
        var recording = context.Recorded(
            ModelRole.Base, settings.Alignment.StatesNeeded(settings.Layers[^1]), prefillRatio: settings.PrefillRatio);
        var targets = new List<LayerRows>();
        foreach (var layer in settings.Layers)
        {
            var source = settings.Alignment.RecordedLayer(layer);
            var rows = TokenSelection.Select(recording.EntropiesAt(source, positions), settings, layer);
            if (rows.Length > 0)
            {
                int[] selected = [.. rows.Select(r => positions[r])];
                targets.Add(new LayerRows(
                    layer, recording.StatesAt(source, selected), Index(selected, context.Model(ModelRole.Rlvr).Device)));
            }
        }

        return targets;
    }

    private static Tensor Loss(
        ReplayContext context, List<LayerRows> targets, Rotary rotary, Tensor visual, Tensor offsets, int tokens)
    {
        var student = context.Model(ModelRole.Rlvr);
        var embedded = Embed(student, context.Inputs);
        var hidden = embedded.index_add(1, visual, offsets.to_type(embedded.dtype).unsqueeze(0), 1);
        var states = new List<Tensor>();
        ForwardPass.Run(student, hidden, rotary, CausalContext.Instance, null, student.Layers + 1, states.Add);
        using var logits = student.Unembed(states[^1]); // [1, T, V], which the released code computes and does not read
        Tensor? total = null;
        foreach (var target in targets)
        {
            var value = LayerLoss(context, target, states[target.Layer].squeeze(0), tokens);
            total = total is null ? value : total + value;
        }

        return (total ?? offsets.sum() * 0) / offsets.shape[0];
    }

    private static Tensor Embed(QwenVlModel student, ModelInputs inputs)
    {
        using var quiet = no_grad();
        return student.Embed(inputs, student.EncodeMedia(inputs));
    }

    private static Tensor LayerLoss(ReplayContext context, LayerRows target, Tensor states, int tokens)
    {
        using var scope = NewDisposeScope();
        var (probabilities, ids) = TopTokens(context.Model(ModelRole.Base), target.BaseStates, tokens);
        var logits = context.Model(ModelRole.Rlvr).Unembed(states.index_select(0, target.Positions)); // [n, V]
        var log = nn.functional.log_softmax(logits.gather(1, ids).to_type(ScalarType.Float32), -1);
        return Divergence.Kl(probabilities, probabilities.log(), log).mean().MoveToOuterDisposeScope();
    }

    private static (Tensor Probabilities, Tensor Ids) TopTokens(QwenVlModel model, Tensor states, int tokens)
    {
        using var quiet = no_grad();
        var (values, ids) = model.Unembed(states).to_type(ScalarType.Float32).topk(tokens);
        return (values.softmax(-1), ids);
    }

    private static Tensor Index(IEnumerable<int> positions, Device device) =>
        tensor(positions.Select(p => (long)p).ToArray(), ScalarType.Int64, device);

    private sealed record LayerRows(int Layer, Tensor BaseStates, Tensor Positions);
}
