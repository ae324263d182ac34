using ActivationReplay.Inputs;
using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Replay.Objective;

/// <summary>The target's distributions at the selected positions of one layer.</summary>
/// <param name="Layer">The student layer whose input is compared.</param>
/// <param name="Rows">Selected indices into the visual positions, ascending, [n].</param>
/// <param name="Tokens">Ids and probabilities of the target's top tokens, [n, K].</param>
public sealed record LayerTarget(int Layer, IReadOnlyList<int> Rows, TopTokens Tokens)
{
    /// <summary>
    /// Selects positions by the recorded entropies and takes the target's top tokens there. Layers at which nothing is
    /// selected have no target: they add nothing to the loss.
    /// </summary>
    /// <param name="recording">The target model's recording, of at least <see cref="StatesNeeded"/> states.</param>
    /// <param name="target">The target model; may be null where the recording holds enough tokens.</param>
    /// <param name="inputs">The prompt.</param>
    /// <param name="layers">The student layers.</param>
    /// <param name="settings">Alignment, selection and K.</param>
    /// <param name="vocabulary">V, for K of the whole vocabulary.</param>
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

    /// <summary>The recorded state that is compared with the student's state entering <paramref name="layer"/>.</summary>
    public static int RecordedLayer(int layer, LayerAlignment alignment) =>
        alignment == LayerAlignment.Aligned ? layer : layer + 1;

    /// <summary>How many states a recording needs for targets up to <paramref name="lastLayer"/>.</summary>
    public static int StatesNeeded(int lastLayer, LayerAlignment alignment) => RecordedLayer(lastLayer, alignment) + 1;
}
