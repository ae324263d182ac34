namespace ActivationReplay.Evaluation.Statistics;

/// <summary>Holm's correction (1979) for several tests: at most the stated chance of any false finding among them.</summary>
public static class Holm
{
    /// <summary>Corrected p values in the order given; NaN (no test) stays and does not count.</summary>
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
