using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay;

/// <summary>
/// Activation Replay (arXiv 2511.19972): zero-initialised offsets on the visual tokens' embeddings of RLVR, optimised so
/// that its logit-lens distributions at low-entropy positions match the base model's.
/// </summary>
public sealed class ActivationReplayMethod : IReplayMethod
{
    /// <inheritdoc/>
    public string Id => "replay";

    /// <inheritdoc/>
    public bool NeedsBase => true;

    /// <inheritdoc/>
    public Preparation Prepare(ReplayContext context, ReplaySettings settings)
    {
        var inputs = context.Inputs;
        var student = context.Model(ModelRole.Rlvr);
        CheckLayers(settings, student);
        if (inputs.VisualPositions.Count == 0)
        {
            return new Preparation(ModelRole.Rlvr, Intervention.None);
        }

        using var scope = NewDisposeScope();
        var recording = context.Recorded(
            ModelRole.Base, LayerTarget.RecordedLayer(settings.Layers[^1], settings.Alignment) + 1);
        var (targets, selected) = LayerTarget.Build(recording, context.Model(ModelRole.Base), inputs, settings);
        var grid = LearnableGrid.OfRatio(inputs.Spans, 1);
        using var objective =
            new ReplayObjective(context.Encoded(ModelRole.Rlvr), entry: 0, targets, settings.Direction, grid.Count);
        var (cells, trace) = OffsetOptimiser.Minimise(
            c => objective.Value(grid.Upsample(c)), grid.Count, student.Config.Text.HiddenSize, student.Device, settings,
            context.OnGradient);
        var offsets = new StateEdit(0, EditKind.Add, inputs.VisualPositions, grid.Upsample(cells).alias().DetachFromDisposeScope());
        return new Preparation(
            ModelRole.Rlvr,
            new Intervention([offsets]),
            trace,
            cells.DetachFromDisposeScope(),
            [.. selected.Select(rows => (IReadOnlyList<int>)[.. rows.Select(r => inputs.VisualPositions[r])])]);
    }

    private static void CheckLayers(ReplaySettings settings, QwenVlModel student)
    {
        // The reference alignment reads the state leaving the last selected layer.
        if (settings.Layers[^1] >= student.Layers)
        {
            throw new ArgumentOutOfRangeException(
                nameof(settings),
                settings.Layers[^1],
                $"Layer {settings.Layers[^1]} is asked for; this model has layers 0 to {student.Layers - 1}.");
        }
    }
}
