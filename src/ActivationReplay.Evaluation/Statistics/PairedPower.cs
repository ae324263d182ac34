using MathNet.Numerics.Distributions;

namespace ActivationReplay.Evaluation.Statistics;

/// <summary>
/// What a two-sided test of the mean paired difference of two methods can show: of right and wrong single answers <see cref="McNemar"/>'s
/// exact test, else <see cref="SignFlipTest"/>. Under the null hypothesis a difference has either sign with equal chance, so that the
/// mean of N has variance ψ / N, with ψ the mean square of the differences; with a mean of δ it has (ψ − δ²) / N. Hence, as both means
/// are nearly normal, the power is Φ((|δ|√N − z√ψ) / √(ψ − δ²)) with z the level's upper half point, and N = (z√ψ + z′√(ψ − δ²))² / δ²
/// questions have power Φ(z′): Connor's formula (Biometrics 43, 1987; Miettinen, Biometrics 24, 1968), whose ψ is the share of discordant
/// pairs.
/// </summary>
/// <param name="MeanSquare">
/// ψ: the mean over questions of the squared difference; where <paramref name="IsBinary"/>, the share of questions that only one method
/// solves. A difference that could not be with so little is taken with the least that it needs: |δ| where binary, else δ².
/// </param>
/// <param name="IsBinary">
/// Whether a question's difference is −1, 0 or 1. Then the power is McNemar's exact one until the normal one is as good.
/// </param>
/// <param name="Level">
/// The test's level: 0.05, or, for the first step of Holm's correction of m tests, 0.05 / m, which is the smallest that it uses.
/// </param>
/// <param name="Discordance">
/// The share of questions whose scores differ at all, above 0 and at most 1; where <paramref name="IsBinary"/> that is ψ, and this is not used. Of K that
/// differ no p is below 2^(1 − K), so the power is at most the chance of enough of them; a difference that so few could not make, were each as
/// large as √(ψ / share), is taken with as many as it needs.
/// </param>
public sealed record PairedPower(double MeanSquare, bool IsBinary, double Level = PairedPower.UsualLevel, double Discordance = 1)
{
    /// <summary>The usual level of a two-sided test.</summary>
    public const double UsualLevel = 0.05;

    /// <summary>The usual power.</summary>
    public const double UsualPower = 0.8;

    // With so many discordant pairs the steps of the exact test cost less than 0.02 of power.
    private const int ExactPairs = 400;
    private const int MostQuestions = 100_000_000;
    private const double Resolution = 1e-5;

    /// <summary>The chance that the test finds a mean difference.</summary>
    /// <param name="questions">N, 0 or more.</param>
    /// <param name="difference">δ, −1 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public double Power(int questions, double difference)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(questions);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Math.Abs(difference), 1);
        var (size, root) = (Math.Abs(difference), Math.Sqrt(questions));
        var square = Math.Max(MeanSquare, IsBinary ? size : size * size);
        if (IsBinary && questions * square <= ExactPairs)
        {
            return McNemar.Power(questions, square, size, Level);
        }

        var excess = (size * root) - (-Normal.InvCDF(0, 1, Level / 2) * Math.Sqrt(square));
        var deviation = Math.Sqrt(Math.Max(0, square - (size * size)));
        var normal = deviation > 0 ? Normal.CDF(0, 1, excess / deviation) : excess >= 0 ? 1 : 0;
        return IsBinary ? normal : Math.Min(normal, ChanceOfEnough(questions, size));
    }

    // That so many questions differ as no sign flips make up for.
    private double ChanceOfEnough(int questions, double size)
    {
        var fewest = (int)Math.Ceiling(1 - Math.Log2(Level));
        var share = size == 0 ? Discordance : Math.Min(1, Math.Max(Discordance, size / Math.Sqrt(MeanSquare / Discordance)));
        return questions < fewest ? 0 : 1 - Binomial.CDF(share, questions, fewest - 1);
    }

    /// <summary>The smallest difference that N questions show with a power, to five decimals.</summary>
    /// <param name="questions">N, 0 or more.</param>
    /// <param name="power">The power, above 0 and below 1.</param>
    /// <returns>Above 0, at most 1; null where so few questions show none.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public double? SmallestDifference(int questions, double power = UsualPower)
    {
        RequirePower(power);
        if (Power(questions, 1) < power)
        {
            return null;
        }

        var (low, high) = (0.0, 1.0);
        while (high - low > Resolution)
        {
            var middle = (low + high) / 2;
            (low, high) = Power(questions, middle) < power ? (middle, high) : (low, middle);
        }

        return high;
    }

    /// <summary>The questions that show a difference with a power; the exact test's steps can make it a few more than the fewest.</summary>
    /// <param name="difference">δ, not 0, −1 to 1.</param>
    /// <param name="power">The power, above 0 and below 1.</param>
    /// <returns>Null above a hundred million.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public int? QuestionsFor(double difference, double power = UsualPower)
    {
        RequirePower(power);
        ArgumentOutOfRangeException.ThrowIfZero(difference);
        var (low, high) = (0, 1);
        while (Power(high, difference) < power)
        {
            (low, high) = (high, 2 * high);
            if (high > MostQuestions)
            {
                return null;
            }
        }

        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = Power(middle, difference) < power ? (middle, high) : (low, middle);
        }

        return high;
    }

    private static void RequirePower(double power)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(power);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(power, 1);
    }
}
