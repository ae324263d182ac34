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
    public override Preparation Prepare(ReplayContext context, GlobalSmoothSettings settings) => PrepareAll([context], [settings])[0][0];

    /// <inheritdoc/>
    public override IReadOnlyList<IReadOnlyList<Preparation>> PrepareAll(
        IReadOnlyList<ReplayContext> contexts, IReadOnlyList<GlobalSmoothSettings> variants)
    {
        foreach (var settings in variants)
        {
            settings.Check(contexts[0].Model(ModelRole.Rlvr).Layers);
        }

        // Each variant sees views of its own, so that they share nothing.
        return JointLoop.OfSeeing(contexts, ModelRole.Rlvr, variants.Count, seeing =>
        {
            var loops = PreparedTogether.Lists(variants, settings => Loop(seeing, settings));
            return [.. seeing.Select((_, prompt) => (IReadOnlyList<Preparation>)[.. loops.Select(l => l[prompt])])];
        });
    }

    private static IReadOnlyList<Preparation> Loop(IReadOnlyList<ReplayContext> contexts, GlobalSmoothSettings settings)
    {
        using var scope = NewDisposeScope();
        var model = contexts[0].Model(ModelRole.Rlvr);
        var prompts = contexts.Select(context => new Smoothed(context, model, settings)).ToList();
        LearnableGrid[] grids = [.. prompts.Select(p => p.Grid)];
        var results = JointLoop.Minimise(contexts, model, [.. grids.Select(g => new OffsetPath(g.Count, [settings]))], (cells, step) =>
        {
            var views = new List<EncodedPrompt>();
            try
            {
                prompts.ForEach(p => views.Add(p.View(step)));
                using var objective = new ReplayObjective([.. prompts.Zip(views, (p, view) => new PromptObjective(view, [p.Variant]))], entry: 0);
                return objective.Evaluate(cells, grids);
            }
            finally
            {
                views.ForEach(v => v.Dispose());
            }
        });
        return [.. prompts.Zip(results, (p, path) => p.Prepared(path[0].LearnableTokens, path[0].Trace))];
    }

    // One prompt, and its jittered views.
    private sealed class Smoothed
    {
        private readonly ReplayContext context;
        private readonly QwenVlModel model;
        private readonly GlobalSmoothSettings settings;
        private readonly ColourJitter jitter;
        private readonly Recording recording;
        private readonly IReadOnlyList<IReadOnlyList<int>> selected;

        public Smoothed(ReplayContext context, QwenVlModel model, GlobalSmoothSettings settings)
        {
            (this.context, this.model, this.settings) = (context, model, settings);
            recording = context.Recorded(ModelRole.Rlvr, settings.Layers[^1] + 1);
            (var targets, selected) = LayerTarget.OfEveryPosition(recording, model, context.Inputs, settings);
            Grid = LearnableGrid.Of(context.Inputs.Spans, settings);
            Variant = new VariantObjective(targets, settings.Direction, Grid.Count);
            jitter = new ColourJitter(context.Source.Pixels, context.SeedOf(settings.Seed));
        }

        public LearnableGrid Grid { get; }

        public VariantObjective Variant { get; }

        public EncodedPrompt View(int number)
        {
            var inputs = context.Inputs;
            using var jittered = new ModelInputs(
                inputs.Ids, jitter.View(inputs.Pixels!, inputs.Grids, number), inputs.Grids, inputs.Spans, inputs.Positions);
            return EncodedPrompt.Encode(model, jittered);
        }

        public Preparation Prepared(Tensor cells, OptimisationTrace trace)
        {
            using var last = View(settings.Iterations);
            var features = last.Features!.Plus(Grid.Upsample(cells).to_type(last.Features!.dtype));
            var edit = new StateEdit(0, EditKind.Replace, context.Inputs.VisualPositions, features.DetachFromDisposeScope());
            return new Preparation(
                ModelRole.Rlvr, new Intervention([edit]), trace, cells.DetachFromDisposeScope(), selected, recording);
        }
    }
}
