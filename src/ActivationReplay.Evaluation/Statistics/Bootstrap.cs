using ActivationReplay.Generation;

namespace ActivationReplay.Evaluation.Statistics;

/// <summary>A mean with its 95% interval.</summary>
/// <param name="Mean">The mean; NaN without values.</param>
/// <param name="Low">The lower end of the interval.</param>
/// <param name="High">The upper end of the interval.</param>
public readonly record struct Estimate(double Mean, double Low, double High);

/// <summary>Percentile bootstrap (Efron 1979) over questions.</summary>
public static class Bootstrap
{
    private const int Resamples = 10_000;

    /// <summary>The mean of values with its interval, resampled with a fixed seed.</summary>
    /// <param name="values">One value for each question: an accuracy, or the paired difference of two cells.</param>
    public static Estimate Mean(IReadOnlyList<double> values) => Means([values])[0];

    /// <summary>The means of several quantities with their intervals, resampled with the same questions.</summary>
    /// <param name="columns">A list for each quantity, with one value for each question in the same order.</param>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public static IReadOnlyList<Estimate> Means(IReadOnlyList<IReadOnlyList<double>> columns)
    {
        double[][] values = [.. columns.Select(c => c.ToArray())];
        var count = values.Length == 0 ? 0 : values[0].Length;
        if (Array.Exists(values, v => v.Length != count))
        {
            throw new ArgumentException("All lists need one value for each question.", nameof(columns));
        }

        if (count == 0)
        {
            return [.. values.Select(_ => new Estimate(double.NaN, double.NaN, double.NaN))];
        }

        double[][] means = [.. values.Select(_ => new double[Resamples])];
        Parallel.For(0, Resamples, () => new int[count], (r, _, chosen) =>
        {
            for (var i = 0; i < count; i++)
            {
                chosen[i] = (int)(CounterRandom.Uniform(0, (ulong)r, (ulong)i) * count);
            }

            for (var c = 0; c < values.Length; c++)
            {
                var sum = 0.0;
                foreach (var i in chosen)
                {
                    sum += values[c][i];
                }

                means[c][r] = sum / count;
            }

            return chosen;
        }, _ => { });
        return
        [
            .. values.Zip(means, (v, m) =>
            {
                Array.Sort(m);
                return new Estimate(v.Average(), m[(int)(0.025 * Resamples)], m[(int)(0.975 * Resamples) - 1]);
            }),
        ];
    }
}
