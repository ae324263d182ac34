using MathNet.Numerics.Statistics;

namespace ActivationReplay.Evaluation.Statistics;

/// <summary>
/// How far two methods' scores of the same question lie apart, with any number of answers: the mean square over questions of
/// the difference, in two parts.
/// </summary>
/// <param name="Between">
/// The mean square of what the questions themselves differ by, which more answers do not lessen; 0 to 1.
/// </param>
/// <param name="Within">
/// The variance of the difference of one answer each around what its question differs by, which n answers divide by n; 0 to 1.
/// </param>
public readonly record struct DifferenceSpread(double Between, double Within)
{
    /// <summary>The spread of single answers that are right or wrong, of which a share is right with one method alone.</summary>
    /// <param name="discordance">
    /// The share of answers that only one of the methods has right, 0 to 1; of graded answers, the mean square of the difference.
    /// </param>
    /// <param name="correlation">
    /// The correlation of the differences of two answers to the same question, 0 to 1: the part of the spread that lies between
    /// questions. Then n answers have discordance · (correlation + (1 − correlation) / n), Kish's design effect (1965).
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A value is not within 0 and 1.</exception>
    public static DifferenceSpread Of(double discordance, double correlation)
    {
        foreach (var value in new[] { discordance, correlation })
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1);
        }

        return new DifferenceSpread(discordance * correlation, discordance * (1 - correlation));
    }

    /// <summary>The spread that was measured: analysis of variance with one factor, the part between questions at least 0.</summary>
    /// <param name="meanSquare">The mean square of the questions' mean differences.</param>
    /// <param name="within">As <see cref="VarianceWithin"/> has it.</param>
    /// <param name="answers">n, answers a question.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is negative, or n is below 1.</exception>
    public static DifferenceSpread Measured(double meanSquare, double within, int answers)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(meanSquare);
        ArgumentOutOfRangeException.ThrowIfNegative(within);
        ArgumentOutOfRangeException.ThrowIfLessThan(answers, 1);
        return new DifferenceSpread(Math.Max(0, meanSquare - (within / answers)), within);
    }

    /// <summary>The mean over questions of the variance (n − 1) of the differences of their answers; null where none has two.</summary>
    /// <param name="differences">A list a question: of each of its answers, the one method's score less the other's.</param>
    public static double? VarianceWithin(IEnumerable<IReadOnlyList<double>> differences)
    {
        double[] variances = [.. differences.Where(d => d.Count > 1).Select(d => d.Variance())];
        return variances.Length == 0 ? null : variances.Average();
    }

    /// <summary>The mean square over questions of the difference of the means of n answers each.</summary>
    /// <param name="answers">n, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">n is below 1.</exception>
    public double MeanSquare(int answers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(answers, 1);
        return Between + (Within / answers);
    }
}
