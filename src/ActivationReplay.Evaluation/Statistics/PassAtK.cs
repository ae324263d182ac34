namespace ActivationReplay.Evaluation.Statistics;

/// <summary>pass@k: the probability that at least one of k answers is right (Chen et al. 2021, arXiv 2107.03374).</summary>
public static class PassAtK
{
    /// <summary>The unbiased estimate from n answers, 1 − C(n−c, k) / C(n, k).</summary>
    /// <param name="answers">n, the number of answers.</param>
    /// <param name="correct">c, the number of right ones among them.</param>
    /// <param name="k">k, 1 to n.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is not in 1..n, or c not in 0..n.</exception>
    public static double Estimate(int answers, int correct, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, answers);
        ArgumentOutOfRangeException.ThrowIfNegative(correct);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(correct, answers);
        var allWrong = 1.0;
        for (var i = 0; i < k; i++)
        {
            allWrong *= Math.Max(0.0, answers - correct - i) / (answers - i);
        }

        return 1 - allWrong;
    }

    /// <summary>
    /// The unbiased estimate of the best score among k of n answers, Σᵢ s₍ᵢ₎ · C(i−1, k−1) / C(n, k) over the ordered scores; where they
    /// are 0 or 1 it is <see cref="Estimate"/>.
    /// </summary>
    /// <param name="scores">The scores of n answers, ascending.</param>
    /// <param name="k">k, 1 to n.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is not in 1..n.</exception>
    public static double Best(IReadOnlyList<double> scores, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, scores.Count);
        // C(i−1, k−1) / C(n, k), from the largest, which is the best of k with probability k / n.
        var (sum, weight) = (0.0, (double)k / scores.Count);
        for (var i = scores.Count; i >= k; i--)
        {
            sum += weight * scores[i - 1];
            weight *= (double)(i - k) / (i - 1);
        }

        return sum;
    }
}
