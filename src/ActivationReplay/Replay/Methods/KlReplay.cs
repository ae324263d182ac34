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
        new(target, StatesNeeded(settings), PrefillRatio: settings.PrefillRatio, Targets: (recording, model, context) =>
            LayerTarget.Build(recording, model, context, settings, model.Config.Text.VocabularySize)),
    ];

    /// <inheritdoc/>
    public override Preparation Prepare(ReplayContext context, TSettings settings) => PrepareAll(context, [settings])[0];

    /// <inheritdoc/>
    public override IReadOnlyList<Preparation> PrepareAll(ReplayContext context, IReadOnlyList<TSettings> variants) =>
        PrepareAll([context], variants)[0];

    /// <inheritdoc/>
    public override IReadOnlyList<IReadOnlyList<Preparation>> PrepareAll(
        IReadOnlyList<ReplayContext> contexts, IReadOnlyList<TSettings> variants)
    {
        var layers = contexts[0].Model(student).Layers;
        foreach (var settings in variants)
        {
            settings.Check(layers);
        }

        return JointLoop.OfSeeing(contexts, student, variants.Count, seeing => Loops(seeing, variants));
    }

    private static int StatesNeeded(TSettings settings) => settings.RecordedLayers()[^1] + 1;

    // Variants whose offsets enter at the same layer are one batch.
    private Preparation[][] Loops(IReadOnlyList<ReplayContext> contexts, IReadOnlyList<TSettings> variants)
    {
        var prepared = contexts.Select(_ => new Preparation[variants.Count]).ToArray();
        try
        {
            foreach (var group in variants.Index().GroupBy(v => v.Item.EntryLayer()))
            {
                var batch = Batch(contexts, group.Key, [.. group.Select(v => v.Item)]);
                foreach (var (own, made) in prepared.Zip(batch.Chunk(group.Count())))
                {
                    foreach (var (variant, preparation) in group.Zip(made))
                    {
                        own[variant.Index] = preparation;
                    }
                }
            }

            return prepared;
        }
        catch
        {
            PreparedTogether.Free(prepared.SelectMany(own => own));
            throw;
        }
    }

    // All variants of the first prompt, then those of the second, and so on. Variants that differ in nothing but where their loops end are one path.
    private List<Preparation> Batch(IReadOnlyList<ReplayContext> contexts, int entry, IReadOnlyList<TSettings> variants)
    {
        using var scope = NewDisposeScope();
        var paths = variants.Index().GroupBy(v => v.Item.WithoutEnd()).Select(path => path.ToList()).ToList();
        var parts = contexts
            .SelectMany(context => paths.Select(path => (Context: context, Path: path, Target: Target(context, path[0].Item))))
            .ToList();
        using var objective = new RunningObjective(
            [
                .. parts.Chunk(paths.Count).Select(own => new PromptObjective(
                    own[0].Context.Encoded(student),
                    [.. own.Select(p => new VariantObjective(p.Target.Targets, p.Path[0].Item.Direction, p.Target.Grid.Count))])),
            ],
            entry,
            [.. parts.Select(p => p.Target.Grid)]);
        var results = JointLoop.Minimise(
            contexts,
            contexts[0].Model(student),
            [.. parts.Select(p => new OffsetPath(p.Target.Grid.Count, [.. p.Path.Select(v => v.Item)]))],
            (cells, _) => objective.Evaluate(cells),
            objective.Narrow);
        return
        [
            .. parts.Zip(results).Chunk(paths.Count).SelectMany(own => own
                .SelectMany(of => of.First.Path.Zip(of.Second, (variant, result) => (variant.Index, Preparation: Prepared(of.First.Context, of.First.Target, result))))
                .OrderBy(of => of.Index)
                .Select(of => of.Preparation)),
        ];

        Preparation Prepared(ReplayContext context, MatchTarget target, (Tensor LearnableTokens, OptimisationTrace Trace) result) => new(
            student,
            Offsets.AddedAt(entry, context.Inputs, target.Grid.Upsample(result.LearnableTokens)),
            result.Trace,
            result.LearnableTokens.DetachFromDisposeScope(),
            target.Selected,
            target.Recording);
    }

    private MatchTarget Target(ReplayContext context, TSettings settings)
    {
        var recording = context.Recorded(target, StatesNeeded(settings), prefillRatio: settings.PrefillRatio);
        var (targets, selected) = LayerTarget.Build(
            recording,
            context.ModelOrNone(target),
            context,
            settings,
            context.Model(student).Config.Text.VocabularySize);
        var device = context.Model(student).Device;
        return new MatchTarget([.. targets.Select(t => t.On(device))], selected, LearnableGrid.Of(context.Inputs.Spans, settings), recording);
    }

    // What a prompt's learnable tokens are to match.
    private sealed record MatchTarget(
        IReadOnlyList<LayerTarget> Targets, IReadOnlyList<IReadOnlyList<int>> Selected, LearnableGrid Grid, Recording Recording);
}
