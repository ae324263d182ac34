using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;

namespace ActivationReplay.Benchmarks.Counting;

/// <summary>
/// What one iteration of the loop cannot avoid. Layers below the last selected one run over the positions from the first
/// visual token to the last one that some later layer's loss can see; the last of them gives outputs at the selected
/// positions alone. Keys and values before the first visual token are there already and get no gradient. The head reads
/// K rows at each selected position. The backward pass goes to activations: as many products as forward, and four
/// products of attention (dP, dV, dQ, dK) for its two.
/// </summary>
internal static class LoopWork
{
    /// <summary>The work of one iteration.</summary>
    /// <param name="text">The student.</param>
    /// <param name="inputs">The prompt.</param>
    /// <param name="layers">The layers of the loss, ascending.</param>
    /// <param name="selected">Prompt positions at each of them, ascending.</param>
    /// <param name="topK">K, the number of the target's tokens that are compared; 0 is the whole vocabulary.</param>
    /// <param name="elementSize">Bytes of a weight.</param>
    public static Work Iteration(
        TextConfig text,
        ModelInputs inputs,
        IReadOnlyList<int> layers,
        IReadOnlyList<IReadOnlyList<int>> selected,
        int topK,
        long elementSize)
    {
        var first = inputs.VisualPositions[0];
        var rowsAt = layers.Zip(selected).Where(l => l.Second.Count > 0).ToDictionary(l => l.First, l => l.Second);
        var count = topK == 0 ? text.VocabularySize : Math.Min(topK, text.VocabularySize);
        var work = new Work();
        if (rowsAt.Count == 0)
        {
            return work;
        }

        var exit = rowsAt.Keys.Max();
        for (var layer = 0; layer < exit; layer++)
        {
            // No later loss sees a position behind this one.
            var end = rowsAt.Where(l => l.Key > layer).Max(l => l.Value[^1]) + 1;
            IReadOnlyList<int> outputs = layer == exit - 1 ? rowsAt[exit] : [.. Enumerable.Range(first, end - first)];
            work += Layer(text, first, end, outputs) with { Bytes = 2 * WeightCount.Layer(text) * elementSize };
        }

        foreach (var rows in rowsAt.Values)
        {
            var head = FlopCount.Head(text, rows.Count, count);
            work += new Work(head, head, 0);
        }

        // The rows of the head that some target asks for are at most these.
        var headRows = Math.Min(text.VocabularySize, (double)count * rowsAt.Values.Sum(r => r.Count));
        return work with { Bytes = work.Bytes + (2 * headRows * text.HiddenSize * elementSize) };
    }

    private static Work Layer(TextConfig text, int first, int end, IReadOnlyList<int> outputs)
    {
        var products = FlopCount.LayerProducts(text, end - first, outputs.Count);
        var pairs = outputs.Sum(position => position + 1.0);
        var toPrefix = (double)outputs.Count * first;
        var attention = FlopCount.Attention(pairs, text.HiddenSize);
        // dP and dQ for every pair; dV and dK for the keys that depend on the offsets.
        var gradient = FlopCount.Attention(pairs, text.HiddenSize) + FlopCount.Attention(pairs - toPrefix, text.HiddenSize);
        return new Work(products + attention, products + gradient, 0);
    }
}
