using ActivationReplay.Lens;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay;

/// <summary>The target's distributions at the selected positions of one layer.</summary>
/// <param name="Layer">The student layer whose input is compared.</param>
/// <param name="Rows">Selected indices into the visual positions, ascending, [n].</param>
/// <param name="Words">Ids and probabilities of the target's top words, [n, K].</param>
public sealed record LayerTarget(int Layer, IReadOnlyList<int> Rows, TopWords Words)
{
    /// <summary>
    /// Selects positions by the recorded entropies and takes the target's top words there, for each layer of the
    /// settings. Layers at which nothing is selected have no target: they add nothing to the loss.
    /// </summary>
    /// <param name="recording">The target model's recording, of at least max(layers) + 1 states (+ 2 for reference).</param>
    /// <param name="target">The target model.</param>
    /// <param name="inputs">The prompt.</param>
    /// <param name="settings">Layers, alignment, selection and K.</param>
    public static (IReadOnlyList<LayerTarget> Targets, IReadOnlyList<IReadOnlyList<int>> Selected) Build(
        Recording recording, QwenVlModel target, ModelInputs inputs, ReplaySettings settings)
    {
        var lens = new LogitLens(target);
        var targets = new List<LayerTarget>();
        var selected = new List<IReadOnlyList<int>>();
        foreach (var layer in settings.Layers)
        {
            var source = RecordedLayer(layer, settings.Alignment);
            var rows = TokenSelection.Select(recording.EntropiesAt(source, inputs.VisualPositions), settings, layer);
            selected.Add(rows);
            if (rows.Length > 0)
            {
                using var scope = NewDisposeScope();
                var states = recording.StatesAt(source, [.. rows.Select(r => inputs.VisualPositions[r])]);
                var words = lens.TopK(states, WordCount(settings, target));
                targets.Add(new LayerTarget(
                    layer, rows, new TopWords(words.Ids.MoveToOuterDisposeScope(), words.Probabilities.MoveToOuterDisposeScope())));
            }
        }

        return (targets, selected);
    }

    /// <summary>The recorded state that is compared with the student's state entering <paramref name="layer"/>.</summary>
    public static int RecordedLayer(int layer, LayerAlignment alignment) =>
        alignment == LayerAlignment.Aligned ? layer : layer + 1;

    private static int WordCount(ReplaySettings settings, QwenVlModel target)
    {
        var vocabulary = target.Config.Text.VocabularySize;
        return settings.TopK == 0 ? vocabulary : Math.Min(settings.TopK, vocabulary);
    }
}
