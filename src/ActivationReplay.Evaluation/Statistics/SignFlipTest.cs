using ActivationReplay.Generation;

namespace ActivationReplay.Evaluation.Statistics;

/// <summary>
/// The paired permutation test (Fisher 1935): were a sample's two values exchangeable, its difference would have either
/// sign with equal chance. Two-sided; the statistic is the mean difference.
/// </summary>
public static class SignFlipTest
{
    private const int ExactSamples = 16;
    private const int Draws = 99_999;
    private const int BitsADraw = 53;

    /// <summary>
    /// The chance of a mean at least as far from 0 under random signs: exact up to 16 samples, else by 99 999 draws with a
    /// fixed seed, the observed one counted (Phipson and Smyth 2010), so never below 1e-5.
    /// </summary>
    /// <param name="differences">One difference a sample.</param>
    /// <returns>p in (0, 1]; NaN without samples.</returns>
    public static double PValue(IReadOnlyList<double> differences)
    {
        if (differences.Count == 0)
        {
            return double.NaN;
        }

        double[] values = [.. differences];
        // Sums in another order differ in their last bits.
        var limit = Math.Abs(values.Sum()) - (1e-12 * values.Sum(Math.Abs));
        if (values.Length <= ExactSamples)
        {
            var all = 1 << values.Length;
            var asFar = Enumerable.Range(0, all).Count(signs => Math.Abs(Sum(values, _ => (ulong)signs)) >= limit);
            return (double)asFar / all;
        }

        var reached = Enumerable.Range(0, Draws).AsParallel().Count(draw => Math.Abs(Sum(values, block => Bits(draw, block))) >= limit);
        return (1.0 + reached) / (1.0 + Draws);
    }

    private static double Sum(double[] values, Func<int, ulong> bitsOf)
    {
        var sum = 0.0;
        var bits = 0UL;
        for (var i = 0; i < values.Length; i++)
        {
            bits = i % BitsADraw == 0 ? bitsOf(i / BitsADraw) : bits >> 1;
            sum += (bits & 1) == 0 ? values[i] : -values[i];
        }

        return sum;
    }

    private static ulong Bits(int draw, int block) =>
        (ulong)(CounterRandom.Uniform(1, (ulong)draw, (ulong)block) * (1UL << BitsADraw));
}
