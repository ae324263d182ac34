using ActivationReplay.Generation;

namespace ActivationReplay.Replay.Objective;

/// <summary>Picks positions by their entropy.</summary>
public static class TokenSelection
{
    /// <summary>Indices into <paramref name="entropies"/> that take part in the loss at a layer, ascending.</summary>
    /// <param name="entropies">Target entropies of the visual positions, nats, [N].</param>
    /// <param name="settings">Selection, threshold and seed.</param>
    /// <param name="layer">The layer; random draws differ between layers.</param>
    public static int[] Select(ReadOnlySpan<float> entropies, SelectionSettings settings, int layer)
    {
        if (settings.Selection == EntropySelection.All)
        {
            return [.. Enumerable.Range(0, entropies.Length)];
        }

        // Compared in fp32, as the entropies are.
        var threshold = (float)Threshold(entropies, settings.Threshold);
        var values = entropies.ToArray();
        int[] all = [.. Enumerable.Range(0, values.Length)];
        int[] low = [.. all.Where(i => values[i] <= threshold)];
        return settings.Selection switch
        {
            EntropySelection.Low => low,
            // OrderBy is stable: ties go to the earlier position.
            EntropySelection.High => [.. all.OrderByDescending(i => values[i]).Take(low.Length).Order()],
            EntropySelection.Random =>
                [.. all.OrderBy(i => CounterRandom.Uniform(settings.Seed, (ulong)layer, (ulong)i)).Take(low.Length).Order()],
            _ => throw new ArgumentOutOfRangeException(nameof(settings), settings.Selection, "not a selection"),
        };
    }

    /// <summary>The threshold in nats.</summary>
    public static double Threshold(ReadOnlySpan<float> entropies, EntropyThreshold threshold)
    {
        if (threshold.Rule == ThresholdRule.Absolute || entropies.IsEmpty)
        {
            return threshold.Value;
        }

        var sorted = entropies.ToArray();
        Array.Sort(sorted);
        return threshold.Rule == ThresholdRule.MaxFraction
            ? threshold.Value * sorted[^1]
            : Quantile(sorted, threshold.Value);
    }

    private static double Quantile(float[] sorted, double q)
    {
        var rank = q * (sorted.Length - 1);
        var below = (int)rank;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (rank - below) * ((double)sorted[above] - sorted[below]);
    }
}
