// sample
using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Replay.Recordings;
using TorchSharp;

// end
namespace Researcher; // outside of the project's own, as those who use it are

// sample
/// <summary>As replay, at the quarter of the visual tokens that moved furthest from base instead of those of low entropy.</summary>
public sealed class MostShifted : ReplayMethod<ReplaySettings>
{
    public override string Id => "most-shifted";

    public override ReplaySettings Defaults(int modelLayers) => ReplaySettings.For(modelLayers);

    public override IEnumerable<RecordingNeed> Needs(ReplaySettings settings) =>
        [new(ModelRole.Base, settings.Layers[^1] + 1), new(ModelRole.Rlvr, settings.Layers[^1] + 1)];

    public override Preparation Prepare(ReplayContext context, ReplaySettings settings)
    {
        var (inputs, original, rlvr) = (context.Inputs, context.Model(ModelRole.Base), context.Model(ModelRole.Rlvr));
        if (inputs.VisualPositions.Count == 0)
        {
            return new Preparation(ModelRole.Rlvr, Intervention.None);
        }

        using var scope = torch.NewDisposeScope(); // frees every tensor below but those that the preparation owns
        var needs = settings.Layers[^1] + 1;
        var (before, after) = (context.Recorded(ModelRole.Base, needs), context.Recorded(ModelRole.Rlvr, needs));
        var count = settings.TopK == 0 ? rlvr.Config.Text.VocabularySize : settings.TopK;
        var targets = new List<LayerTarget>();
        foreach (var layer in settings.Layers)
        {
            var kl = new LogitLens(original).KlDivergence(
                before.StatesAt(layer, inputs.VisualPositions),
                new LogitLens(rlvr),
                after.StatesAt(layer, inputs.VisualPositions)); // [N] nats
            var (_, furthest) = kl.topk((inputs.VisualPositions.Count + 3) / 4);
            int[] rows = [.. furthest.cpu().data<long>().ToArray().Select(row => (int)row).Order()];
            int[] positions = [.. rows.Select(row => inputs.VisualPositions[row])];
            targets.Add(new LayerTarget(layer, rows, before.TokensAt(layer, positions, count, original)));
        }

        var grid = LearnableGrid.Of(inputs.Spans, settings);
        using var objective = new ReplayObjective(
            context.Encoded(ModelRole.Rlvr), entry: 0, [new VariantObjective(targets, settings.Direction, grid.Count)]);
        var (cells, trace) = OffsetOptimiser.Minimise(
            (learnable, step) => objective.Evaluate(learnable, [grid]),
            [(grid.Count, settings)],
            rlvr.Config.Text.HiddenSize,
            rlvr.Device)[0];
        return new Preparation(
            ModelRole.Rlvr, Offsets.AddedAt(0, inputs, grid.Upsample(cells)), trace, cells.DetachFromDisposeScope());
    }
}
// end
