using ActivationReplay.Inputs;
using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>The target model's distributions at the selected positions of one layer.</summary>
/// <param name="Layer">l: the student's hidden state entering decoder layer l is compared.</param>
/// <param name="Rows">The n selected positions, as ascending indices into the visual positions.</param>
/// <param name="Tokens">The target's top K tokens at these positions, [n, K].</param>
public sealed record LayerTarget(int Layer, IReadOnlyList<int> Rows, TopTokens Tokens)
{
    /// <summary>The same on the student's device, where the other model's target is compared.</summary>
    public LayerTarget On(Device device) => this with { Tokens = new TopTokens(Tokens.Ids.to(device), Tokens.Probabilities.to(device)) };

    /// <summary>
    /// Selects positions by the recorded entropies, and takes the target's top tokens there. A layer at which no position is
    /// selected has no target and adds nothing to the loss.
    /// </summary>
    /// <param name="recording">
    /// The target model's recording, of the states of <see cref="MethodSettings.RecordedLayers"/> and those before.
    /// </param>
    /// <param name="target">The target model; may be null if the recording holds enough top tokens.</param>
    /// <param name="context">The prompt, whose question's random choices these are.</param>
    /// <param name="settings">The settings, for layers, alignment, selection, threshold, seed and K.</param>
    /// <param name="vocabulary">V, the size of the vocabulary.</param>
    /// <returns>The targets, and the selected prompt positions of every layer, empty ones included.</returns>
    public static (IReadOnlyList<LayerTarget> Targets, IReadOnlyList<IReadOnlyList<int>> Selected) Build(
        Recording recording,
        QwenVlModel? target,
        ReplayContext context,
        SelectionSettings settings,
        int vocabulary)
    {
        var own = settings with { Seed = context.SeedOf(settings.Seed) };
        return Build(recording, target, context.Inputs, settings, vocabulary, (entropies, layer) => TokenSelection.Select(entropies, own, layer));
    }

    /// <summary>The targets of a model's own recording, at every visual position.</summary>
    /// <param name="recording">The model's recording, of the states entering the layers and those before.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputs">The prompt.</param>
    /// <param name="settings">Layers and K.</param>
    public static (IReadOnlyList<LayerTarget> Targets, IReadOnlyList<IReadOnlyList<int>> Selected) OfEveryPosition(
        Recording recording, QwenVlModel model, ModelInputs inputs, DivergenceSettings settings) => Build(
            recording,
            model,
            inputs,
            settings,
            model.Config.Text.VocabularySize,
            (entropies, _) => [.. Enumerable.Range(0, entropies.Length)]);

    private static (IReadOnlyList<LayerTarget> Targets, IReadOnlyList<IReadOnlyList<int>> Selected) Build(
        Recording recording,
        QwenVlModel? target,
        ModelInputs inputs,
        DivergenceSettings settings,
        int vocabulary,
        Func<float[], int, int[]> select)
    {
        var count = settings.TopK == 0 ? vocabulary : Math.Min(settings.TopK, vocabulary);
        var targets = new List<LayerTarget>();
        var selected = new List<IReadOnlyList<int>>();
        foreach (var (layer, source) in settings.UsedLayers().Zip(settings.RecordedLayers()))
        {
            var rows = select(recording.EntropiesAt(source, inputs.VisualPositions), layer);
            IReadOnlyList<int> positions = [.. rows.Select(r => inputs.VisualPositions[r])];
            selected.Add(positions);
            if (rows.Length > 0)
            {
                targets.Add(new LayerTarget(layer, rows, recording.TokensAt(source, positions, count, target)));
            }
        }

        return (targets, selected);
    }
}
