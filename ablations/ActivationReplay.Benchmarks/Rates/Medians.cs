namespace ActivationReplay.Benchmarks.Rates;

/// <summary>Arithmetic of repeated measurements.</summary>
internal static class Medians
{
    /// <summary>The median; the mean of the middle two of an even number.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static double Of(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
        {
            throw new ArgumentException("The median of nothing is not defined.", nameof(values));
        }

        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>
    /// Measures things in turn, A B C A B C …, so that a slower minute of the machine falls on all of them; a first round
    /// warms up and is not counted.
    /// </summary>
    /// <param name="rounds">Counted rounds.</param>
    /// <param name="measures">Each gives a number, such as its seconds.</param>
    /// <returns>The numbers by measure and round.</returns>
    public static double[][] Interleave(int rounds, params IReadOnlyList<Func<double>> measures)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rounds);
        var results = measures.Select(_ => new double[rounds]).ToArray();
        for (var round = -1; round < rounds; round++)
        {
            for (var i = 0; i < measures.Count; i++)
            {
                var value = measures[i]();
                if (round >= 0)
                {
                    results[i][round] = value;
                }
            }
        }

        return results;
    }

    /// <summary>The median of a / b, round by round.</summary>
    public static double Ratio(IReadOnlyList<double> a, IReadOnlyList<double> b) =>
        Of([.. a.Zip(b).Select(pair => pair.First / pair.Second)]);

    /// <summary>e of y ∝ xᵉ, by least squares on logarithms.</summary>
    /// <exception cref="ArgumentException">Fewer than two points, or all at one x.</exception>
    public static double Exponent(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count < 2 || x.Count != y.Count || x.Distinct().Count() < 2)
        {
            throw new ArgumentException("An exponent needs two or more different points.", nameof(x));
        }

        double[] u = [.. x.Select(value => Math.Log(value))];
        double[] v = [.. y.Select(value => Math.Log(value))];
        var (meanU, meanV) = (u.Average(), v.Average());
        return u.Zip(v).Sum(p => (p.First - meanU) * (p.Second - meanV)) / u.Sum(value => (value - meanU) * (value - meanU));
    }
}
