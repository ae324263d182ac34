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
/// <param name="defaults">The settings for a model of so many layers.</param>
/// <typeparam name="TSettings">
/// Where offsets and loss are: <see cref="ReplaySettings"/> at the embeddings and several layers, <see cref="MidLayerSettings"/>
/// at the input of one.
/// </typeparam>
public sealed class KlReplay<TSettings>(string id, ModelRole student, Func<int, TSettings> defaults) : ReplayMethod<TSettings>
    where TSettings : SelectionSettings
{
    private readonly ModelRole target = student == ModelRole.Rlvr ? ModelRole.Base : ModelRole.Rlvr;

    /// <inheritdoc/>
    public override string Id => id;

    /// <inheritdoc/>
    public override ModelRole Answerer => student;

    /// <inheritdoc/>
    public override TSettings Defaults(int modelLayers) => defaults(modelLayers);

    /// <inheritdoc/>
    public override IEnumerable<RecordingNeed> Needs(TSettings settings) =>
    [
        new(target, StatesNeeded(settings), PrefillRatio: settings.PrefillRatio, Targets: (recording, model, inputs) =>
            LayerTarget.Build(recording, model, inputs, settings, model.Config.Text.VocabularySize)),
    ];

    /// <inheritdoc/>
    public override Preparation Prepare(ReplayContext context, TSettings settings) => PrepareAll(context, [settings])[0];

    /// <inheritdoc/>
    public override IReadOnlyList<Preparation> PrepareAll(ReplayContext context, IReadOnlyList<TSettings> variants)
    {
        var model = context.Model(student);
        foreach (var settings in variants)
        {
            settings.Check(model.Layers);
        }

        if (context.Inputs.VisualPositions.Count == 0)
        {
            return [.. variants.Select(_ => new Preparation(student, Intervention.None))];
        }

        var prepared = new Preparation[variants.Count];
        foreach (var group in variants.Index().GroupBy(v => v.Item.EntryLayer()))
        {
            var batch = PrepareBatch(context, model, group.Key, [.. group.Select(v => v.Item)]);
            foreach (var (place, preparation) in group.Select(v => v.Index).Zip(batch))
            {
                prepared[place] = preparation;
            }
        }

        return prepared;
    }

    private static int StatesNeeded(TSettings settings) => settings.RecordedLayers()[^1] + 1;

    private List<Preparation> PrepareBatch(
        ReplayContext context, QwenVlModel model, int entry, IReadOnlyList<TSettings> variants)
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
                Offsets.AddedAt(entry, inputs, parts[v].Grid.Upsample(result.LearnableTokens)),
                result.Trace,
                result.LearnableTokens.DetachFromDisposeScope(),
                parts[v].Selected,
                parts[v].Recording)),
        ];
    }

    private (IReadOnlyList<LayerTarget> Targets, IReadOnlyList<IReadOnlyList<int>> Selected, LearnableGrid Grid, Recording Recording)
        Target(ReplayContext context, TSettings settings)
    {
        var recording = context.Recorded(target, StatesNeeded(settings), prefillRatio: settings.PrefillRatio);
        var (targets, selected) = LayerTarget.Build(
            recording,
            context.ModelOrNone(target),
            context.Inputs,
            settings,
            context.Model(student).Config.Text.VocabularySize);
        var device = context.Model(student).Device;
        return ([.. targets.Select(t => t.On(device))], selected, LearnableGrid.Of(context.Inputs.Spans, settings), recording);
    }
}
