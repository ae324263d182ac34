using ActivationReplay.Models;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Methods;

/// <summary>
/// Direct cross-model intervention, without optimisation: at the prefill of layers l &lt; n the state entering RLVR's layer
/// becomes base's where base's entropy is below θ_l and below RLVR's, at any position. Both entropies come from unmodified
/// runs: of the states entering the layer, or leaving it in the reference alignment.
/// </summary>
public sealed class CrossModel : ReplayMethod<CrossModelSettings>
{
    /// <inheritdoc/>
    public override string Id => "cross-model";

    /// <summary>Both entropies are those of causal passes.</summary>
    public override bool IsCausal => true;

    /// <inheritdoc/>
    public override CrossModelSettings Defaults(int modelLayers) => CrossModelSettings.For(modelLayers);

    /// <inheritdoc/>
    public override IEnumerable<RecordingNeed> Needs(CrossModelSettings settings)
    {
        var needed = StatesNeeded(settings);
        return [new(ModelRole.Base, needed, AllPositions: true), new(ModelRole.Rlvr, needed, AllPositions: true)];
    }

    /// <inheritdoc/>
    public override Preparation Prepare(ReplayContext context, CrossModelSettings settings)
    {
        var thresholds = settings.CrossThresholds;
        settings.Check(context.Model(ModelRole.Rlvr).Layers);
        using var scope = NewDisposeScope();
        var needed = StatesNeeded(settings);
        var original = context.Recorded(ModelRole.Base, needed, allPositions: true);
        var changed = context.Recorded(ModelRole.Rlvr, needed, allPositions: true);
        int[] all = [.. Enumerable.Range(0, context.Inputs.Length)];
        var edits = new List<StateEdit>();
        var selected = new List<IReadOnlyList<int>>();
        for (var layer = 0; layer < thresholds.Count; layer++)
        {
            var source = settings.Alignment.RecordedLayer(layer);
            var (b, r) = (original.EntropiesAt(source, all), changed.EntropiesAt(source, all));
            var threshold = (float)thresholds[layer];
            int[] positions = [.. all.Where(p => b[p] < threshold && b[p] < r[p])];
            selected.Add(positions);
            edits.Add(new StateEdit(
                layer, EditKind.Replace, positions, original.StatesAt(layer, positions).DetachFromDisposeScope()));
        }

        return new Preparation(ModelRole.Rlvr, new Intervention(edits), Selected: selected, Recording: original);
    }

    private static int StatesNeeded(CrossModelSettings settings) => settings.Alignment.StatesNeeded(settings.CrossThresholds.Count - 1);
}
