namespace ActivationReplay.Evaluation.Statistics;

/// <summary>Holm's correction (1979) of p values for several tests, which controls the probability of any false finding.</summary>
public static class Holm
{
    /// <summary>The corrected p values, in the order given. NaN means no test, stays NaN and does not count.</summary>
    public static IReadOnlyList<double> Correct(IReadOnlyList<double> pValues)
    {
        double[] corrected = [.. pValues];
        int[] order = [.. Enumerable.Range(0, pValues.Count).Where(i => !double.IsNaN(pValues[i])).OrderBy(i => pValues[i])];
        var largest = 0.0;
        foreach (var (rank, i) in order.Index())
        {
            largest = Math.Max(largest, Math.Min(1, (order.Length - rank) * pValues[i]));
            corrected[i] = largest;
        }

        return corrected;
    }
}
