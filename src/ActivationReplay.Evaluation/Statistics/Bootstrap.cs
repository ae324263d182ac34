using ActivationReplay.Generation;

namespace ActivationReplay.Evaluation.Statistics;

/// <summary>A mean with its 95% interval.</summary>
/// <param name="Mean">The mean; NaN without values.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct Estimate(double Mean, double Low, double High);

/// <summary>Percentile bootstrap (Efron 1979) over questions.</summary>
public static class Bootstrap
{
    private const int Resamples = 10_000;

    /// <summary>The mean of one value a question, resampled with a fixed seed.</summary>
    /// <param name="values">One value a question: its accuracy, or the difference of two cells (paired).</param>
    public static Estimate Mean(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
        {
            return new Estimate(double.NaN, double.NaN, double.NaN);
        }

        var means = new double[Resamples];
        for (var r = 0; r < Resamples; r++)
        {
            var sum = 0.0;
            for (var i = 0; i < values.Count; i++)
            {
                sum += values[(int)(CounterRandom.Uniform(0, (ulong)r, (ulong)i) * values.Count)];
            }

            means[r] = sum / values.Count;
        }

        Array.Sort(means);
        return new Estimate(values.Average(), means[(int)(0.025 * Resamples)], means[(int)(0.975 * Resamples) - 1]);
    }
}
