using MathNet.Numerics.Distributions;

namespace ActivationReplay.Evaluation.Statistics;

/// <summary>McNemar's exact test (1947) of whether two methods solve the same questions equally often.</summary>
public static class McNemar
{
    // Beyond, a binomial count has a chance below 1e-14.
    private const double Tail = 8;

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

    /// <summary>
    /// The chance that the test's p is at most a level, exactly (Duffy 1984, Biometrics 40): over the number of questions that only one
    /// solves, which is Binomial(questions, discordance), and over how they split, with (1 + difference / discordance) / 2 for the first.
    /// </summary>
    /// <param name="questions">The number of questions.</param>
    /// <param name="discordance">The chance that only one of the two solves a question, 0 to 1.</param>
    /// <param name="difference">The first's chance of solving a question less the second's; at most the discordance on either side.</param>
    /// <param name="level">The level, 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public static double Power(int questions, double discordance, double difference, double level)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(questions);
        ArgumentOutOfRangeException.ThrowIfNegative(discordance);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(discordance, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Math.Abs(difference), discordance);
        if (discordance == 0)
        {
            return level >= 1 ? 1 : 0;
        }

        var share = Math.Clamp((1 + (difference / discordance)) / 2, 0, 1);
        var (mean, room) = (questions * discordance, (Tail * Math.Sqrt(questions * discordance * (1 - discordance))) + Tail);
        var (first, last) = ((int)Math.Max(0, mean - room), (int)Math.Min(questions, mean + room));
        var power = 0.0;

        // The largest smaller part that is significant; it grows with the number that is split.
        var most = first / 2;
        while (most >= 0 && PValue(most, first - most) > level)
        {
            most--;
        }

        for (var n = first; n <= last; n++)
        {
            while (2 * (most + 1) <= n && PValue(most + 1, n - most - 1) <= level)
            {
                most++;
            }

            var significant = most < 0 ? 0
                : 2 * most >= n ? 1
                : Binomial.CDF(share, n, most) + Binomial.CDF(1 - share, n, most);
            power += Binomial.PMF(discordance, questions, n) * significant;
        }

        return Math.Min(1, power);
    }
}
