using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Native;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Methods;

/// <summary>
/// A control without a base: RLVR's own states on the clean pictures are the target at all visual positions; it sees
/// pictures jittered anew each step (brightness, contrast, saturation ±0.15, hue ±0.03) and answers from one jittered view.
/// Loss and layers otherwise as <see cref="KlReplay{TSettings}"/>, offsets at the embeddings.
/// </summary>
public sealed class GlobalSmooth : ReplayMethod<GlobalSmoothSettings>
{
    /// <inheritdoc/>
    public override string Id => "global-smooth";

    /// <inheritdoc/>
    public override GlobalSmoothSettings Defaults(int modelLayers) => GlobalSmoothSettings.For(modelLayers);

    /// <inheritdoc/>
    public override IEnumerable<RecordingNeed> Needs(GlobalSmoothSettings settings) => [new(ModelRole.Rlvr, settings.Layers[^1] + 1)];

    /// <inheritdoc/>
    public override Preparation Prepare(ReplayContext context, GlobalSmoothSettings settings)
    {
        var inputs = context.Inputs;
        var model = context.Model(ModelRole.Rlvr);
        settings.Check(model.Layers);
        if (inputs.Pixels is not { } clean)
        {
            return new Preparation(ModelRole.Rlvr, Intervention.None);
        }

        using var scope = NewDisposeScope();
        var recording = context.Recorded(ModelRole.Rlvr, settings.Layers[^1] + 1);
        var (targets, selected) = LayerTarget.OfEveryPosition(recording, model, inputs, settings);
        var grid = LearnableGrid.Of(inputs.Spans, settings);
        var jitter = new ColourJitter(context.Source.Pixels, settings.Seed);
        var variant = new VariantObjective(targets, settings.Direction, grid.Count);
        var (cells, trace) = OffsetOptimiser.Minimise(
            (c, step) =>
            {
                using var view = View(step);
                using var objective = new ReplayObjective(view, entry: 0, [variant]);
                return objective.Evaluate(c, [grid]);
            },
            [(grid.Count, settings)],
            model.Config.Text.HiddenSize,
            model.Device,
            context.OnGradient,
            context.Cancel)[0];
        using var last = View(settings.Iterations);
        var features = last.Features!.Plus(grid.Upsample(cells).to_type(last.Features!.dtype));
        var edit = new StateEdit(0, EditKind.Replace, inputs.VisualPositions, features.DetachFromDisposeScope());
        return new Preparation(
            ModelRole.Rlvr, new Intervention([edit]), trace, cells.DetachFromDisposeScope(), selected, recording);

        EncodedPrompt View(int number)
        {
            using var jittered = new ModelInputs(
                inputs.Ids, jitter.View(clean, inputs.Grids, number), inputs.Grids, inputs.Spans, inputs.Positions);
            return EncodedPrompt.Encode(model, jittered);
        }
    }
}
