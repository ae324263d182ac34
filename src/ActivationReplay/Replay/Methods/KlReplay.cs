using ActivationReplay.Models;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Methods;

/// <summary>
/// Activation Replay (arXiv 2511.19972): zero-initialised offsets on the student's visual tokens, optimised so that its
/// logit-lens distributions at selected positions match the target model's. Published: RLVR is the student, base the
/// target, offsets are added to the embeddings.
/// </summary>
/// <param name="id">The name.</param>
/// <param name="student">Who is optimised and answers; the other model is the target.</param>
/// <param name="atOneLayer">Offsets and loss are at the input of <see cref="ReplaySettings.Layer"/> alone.</param>
public sealed class KlReplay(string id, ModelRole student, bool atOneLayer) : IReplayMethod
{
    private readonly ModelRole target = student == ModelRole.Rlvr ? ModelRole.Base : ModelRole.Rlvr;

    /// <inheritdoc/>
    public string Id => id;

    /// <inheritdoc/>
    public MethodSettings Uses =>
        MethodSettings.Loop | MethodSettings.Targets | MethodSettings.PrefillRatio | (atOneLayer ? MethodSettings.Layer : 0);

    /// <inheritdoc/>
    public void Check(ReplaySettings settings, int modelLayers) => LayerCheck.Ensure(Layers(settings)[^1], modelLayers);

    /// <inheritdoc/>
    public IEnumerable<RecordingNeed> Needs(ReplaySettings settings) =>
        [new(target, StatesNeeded(settings), PrefillRatio: settings.PrefillRatio)];

    /// <inheritdoc/>
    public Preparation Prepare(ReplayContext context, ReplaySettings settings) => PrepareAll(context, [settings])[0];

    /// <inheritdoc/>
    public IReadOnlyList<Preparation> PrepareAll(ReplayContext context, IReadOnlyList<ReplaySettings> variants)
    {
        var model = context.Model(student);
        foreach (var settings in variants)
        {
            Check(settings, model.Layers);
        }

        if (context.Inputs.VisualPositions.Count == 0)
        {
            return [.. variants.Select(_ => new Preparation(student, Intervention.None))];
        }

        var prepared = new Preparation[variants.Count];
        foreach (var group in variants.Index().GroupBy(v => Entry(v.Item)))
        {
            var batch = PrepareBatch(context, model, group.Key, [.. group.Select(v => v.Item)]);
            foreach (var (place, preparation) in group.Select(v => v.Index).Zip(batch))
            {
                prepared[place] = preparation;
            }
        }

        return prepared;
    }

    private int Entry(ReplaySettings settings) => atOneLayer ? settings.Layer : 0;

    private int StatesNeeded(ReplaySettings settings) => LayerTarget.StatesNeeded(Layers(settings)[^1], settings.Alignment);

    private IReadOnlyList<int> Layers(ReplaySettings settings) => atOneLayer ? [settings.Layer] : settings.Layers;

    private List<Preparation> PrepareBatch(
        ReplayContext context, QwenVlModel model, int entry, IReadOnlyList<ReplaySettings> variants)
    {
        using var scope = NewDisposeScope();
        var inputs = context.Inputs;
        var parts = variants.Select(settings => Target(context, settings)).ToList();
        using var objective = new ReplayObjective(
            context.Encoded(student),
            entry,
            [.. parts.Select((part, v) => new VariantObjective(part.Targets, variants[v].Direction, part.Grid.Count))]);
        var results = OffsetOptimiser.Minimise(
            (cells, _) => objective.Evaluate(cells, [.. parts.Select(part => part.Grid)]),
            [.. parts.Select((part, v) => (part.Grid.Count, variants[v]))],
            model.Config.Text.HiddenSize,
            model.Device,
            context.OnGradient,
            context.Cancel);
        return
        [
            .. results.Select((result, v) => new Preparation(
                student,
                Offsets.AddedAt(entry, inputs, parts[v].Grid.Upsample(result.Cells)),
                result.Trace,
                result.Cells.DetachFromDisposeScope(),
                parts[v].Selected,
                parts[v].Recording)),
        ];
    }

    private (IReadOnlyList<LayerTarget> Targets, IReadOnlyList<IReadOnlyList<int>> Selected, LearnableGrid Grid, Recording Recording)
        Target(ReplayContext context, ReplaySettings settings)
    {
        var layers = Layers(settings);
        var recording = context.Recorded(target, StatesNeeded(settings), prefillRatio: settings.PrefillRatio);
        var (targets, selected) = LayerTarget.Build(
            recording,
            context.ModelOrNone(target),
            context.Inputs,
            layers,
            settings,
            context.Model(student).Config.Text.VocabularySize);
        return (targets, selected, LearnableGrid.Of(context.Inputs.Spans, settings), recording);
    }
}
