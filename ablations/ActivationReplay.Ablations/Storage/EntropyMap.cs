using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Inputs;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Ablations.Storage;

/// <summary>The visual tokens of one picture, or of one temporal step of a video.</summary>
public readonly record struct TokenGrid(int Rows, int Columns);

/// <summary>
/// The target model's entropy at each visual token of a question, and how often the token took part in a cell's loss. It is stored in
/// the journal, so that reports can be drawn without the models.
/// </summary>
/// <param name="Grids">The pictures, and the temporal steps of videos, in order; their tokens follow each other in the lists, rows from the top.</param>
/// <param name="Nats">Lens entropy of the target model, mean over the cell's layers, nats, [N].</param>
/// <param name="Selected">The number of layers at which each token took part in the loss, [N].</param>
/// <param name="Layers">The number of layers that the cell compares.</param>
public sealed record EntropyMap(
    IReadOnlyList<TokenGrid> Grids, IReadOnlyList<double> Nats, IReadOnlyList<int> Selected, int Layers)
{
    // A journal of thousands of pictures stays readable, and colours need no more.
    private const int Decimals = 3;

    /// <summary>Reads what a method prepared.</summary>
    /// <returns>Null where the method selects no tokens by entropy.</returns>
    public static EntropyMap? Of(Cell cell, Preparation preparation, ModelInputs inputs)
    {
        var visual = inputs.VisualPositions;
        if (preparation.Selected is not { } selected || preparation.Recording is not { } recording || visual.Count == 0)
        {
            return null;
        }

        var layers = cell.Settings.RecordedLayers();
        var sums = new double[visual.Count];
        foreach (var layer in layers)
        {
            var entropies = recording.EntropiesAt(layer, visual);
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] += entropies[i];
            }
        }

        var times = selected.SelectMany(positions => positions).CountBy(p => p).ToDictionary();
        return new EntropyMap(
            [.. inputs.Spans.SelectMany(s => Enumerable.Repeat(new TokenGrid(s.H, s.W), s.T))],
            [.. sums.Select(s => Math.Round(s / layers.Count, Decimals))],
            [.. visual.Select(p => times.GetValueOrDefault(p))],
            layers.Count);
    }
}
