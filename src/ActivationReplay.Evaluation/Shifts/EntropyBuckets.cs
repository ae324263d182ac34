namespace ActivationReplay.Evaluation.Shifts;

/// <summary>Divides positions into buckets of equal size, to within one, by quantiles of their entropy.</summary>
public static class EntropyBuckets
{
    /// <summary>The bucket of each position; bucket 0 has the lowest entropies. Equal entropies are ordered by position.</summary>
    /// <param name="entropies">The entropy of each position, in nats.</param>
    /// <param name="buckets">The number of buckets.</param>
    /// <exception cref="ArgumentException">There are fewer positions than buckets, so that some would be empty.</exception>
    public static int[] Assign(ReadOnlySpan<float> entropies, int buckets)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(buckets);
        if (entropies.Length < buckets)
        {
            throw new ArgumentException($"{entropies.Length} positions cannot fill {buckets} entropy buckets.");
        }

        var values = entropies.ToArray();
        var assigned = new int[values.Length];
        foreach (var (rank, position) in Enumerable.Range(0, values.Length).OrderBy(i => values[i]).Index())
        {
            assigned[position] = (int)((long)rank * buckets / values.Length);
        }

        return assigned;
    }
}
