using MathNet.Numerics.Distributions;

namespace ActivationReplay.Evaluation.Statistics;

/// <summary>McNemar's exact test (1947) of whether two methods solve the same questions equally often.</summary>
public static class McNemar
{
    /// <summary>
    /// The two-sided probability of a split at least as uneven of the questions that only one of them solved, if both were equally
    /// likely: 2 · P(X ≤ min) with X ~ Binomial(sum, 1/2), at most 1.
    /// </summary>
    /// <param name="onlyFirst">Questions that only the first solved.</param>
    /// <param name="onlySecond">Questions that only the second solved.</param>
    /// <returns>p in (0, 1]; 1 where they solved the same ones.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
    public static double PValue(int onlyFirst, int onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        return Math.Min(1, 2 * Binomial.CDF(0.5, onlyFirst + onlySecond, Math.Min(onlyFirst, onlySecond)));
    }
}
