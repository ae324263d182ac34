using ActivationReplay.Inputs;
using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Replay.Objective;

/// <summary>The target model's distributions at the selected positions of one layer.</summary>
/// <param name="Layer">l: the student's hidden state entering decoder layer l is compared.</param>
/// <param name="Rows">The n selected positions, as ascending indices into the visual positions.</param>
/// <param name="Tokens">The target's top K tokens at these positions, [n, K].</param>
public sealed record LayerTarget(int Layer, IReadOnlyList<int> Rows, TopTokens Tokens)
{
    /// <summary>
    /// Selects positions by the recorded entropies, and takes the target's top tokens there. A layer at which no position is
    /// selected has no target and adds nothing to the loss.
    /// </summary>
    /// <param name="recording">The target model's recording, of at least <see cref="StatesNeeded"/> states.</param>
    /// <param name="target">The target model; may be null if the recording holds enough top tokens.</param>
    /// <param name="inputs">The prompt.</param>
    /// <param name="layers">The layers of the loss, ascending.</param>
    /// <param name="settings">The settings, for alignment, selection, threshold and K.</param>
    /// <param name="vocabulary">V, the size of the vocabulary.</param>
    /// <returns>The targets, and the selected prompt positions of every layer, empty ones included.</returns>
    public static (IReadOnlyList<LayerTarget> Targets, IReadOnlyList<IReadOnlyList<int>> Selected) Build(
        Recording recording,
        QwenVlModel? target,
        ModelInputs inputs,
        IReadOnlyList<int> layers,
        ReplaySettings settings,
        int vocabulary)
    {
        var count = settings.TopK == 0 ? vocabulary : Math.Min(settings.TopK, vocabulary);
        var targets = new List<LayerTarget>();
        var selected = new List<IReadOnlyList<int>>();
        foreach (var layer in layers)
        {
            var source = RecordedLayer(layer, settings.Alignment);
            var rows = TokenSelection.Select(recording.EntropiesAt(source, inputs.VisualPositions), settings, layer);
            IReadOnlyList<int> positions = [.. rows.Select(r => inputs.VisualPositions[r])];
            selected.Add(positions);
            if (rows.Length > 0)
            {
                targets.Add(new LayerTarget(layer, rows, recording.TokensAt(source, positions, count, target)));
            }
        }

        return (targets, selected);
    }

    /// <summary>
    /// The index of the recorded state that is compared with the student's state entering <paramref name="layer"/>.
    /// </summary>
    public static int RecordedLayer(int layer, LayerAlignment alignment) =>
        alignment == LayerAlignment.Aligned ? layer : layer + 1;

    /// <summary>The number of states that a recording needs for targets up to <paramref name="lastLayer"/>.</summary>
    public static int StatesNeeded(int lastLayer, LayerAlignment alignment) => RecordedLayer(lastLayer, alignment) + 1;
}
