namespace ActivationReplay.Evaluation.Shifts;

/// <summary>Positions by quantiles of an entropy: equally many in each bucket, to within one.</summary>
public static class EntropyBuckets
{
    /// <summary>The bucket of each position: 0 has the lowest entropies. Equal entropies go in the order of positions.</summary>
    /// <param name="entropies">One a position, in nats.</param>
    /// <param name="buckets">How many buckets.</param>
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
