using ActivationReplay.Generation;

namespace ActivationReplay.Replay.Objective;

/// <summary>Selects the visual positions that take part in the loss, by their entropy.</summary>
public static class TokenSelection
{
    /// <summary>The selected positions of a layer, as ascending indices into <paramref name="entropies"/>.</summary>
    /// <param name="entropies">The target model's entropies at the N visual positions, in nats.</param>
    /// <param name="settings">The settings, for selection, threshold and seed.</param>
    /// <param name="layer">The layer, on which random selection depends.</param>
    public static int[] Select(ReadOnlySpan<float> entropies, SelectionSettings settings, int layer)
    {
        if (settings.Selection == EntropySelection.All)
        {
            return [.. Enumerable.Range(0, entropies.Length)];
        }

        // Rounded to fp32, the type of the entropies.
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

    /// <summary>The threshold in nats for a layer whose visual positions have the given entropies.</summary>
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
