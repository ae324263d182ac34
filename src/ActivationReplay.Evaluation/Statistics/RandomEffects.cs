using MathNet.Numerics.Distributions;

namespace ActivationReplay.Evaluation.Statistics;

/// <summary>An effect that was measured in one study, with its standard error.</summary>
/// <param name="Effect">The effect, for example a paired difference.</param>
/// <param name="StandardError">Its standard error, above 0.</param>
public readonly record struct StudyEffect(double Effect, double StandardError);

/// <summary>
/// The mean of an effect over studies whose own effects differ, by the random-effects model yᵢ = μ + uᵢ + eᵢ with var uᵢ = τ²: τ² by
/// moments (DerSimonian and Laird, Controlled Clinical Trials 7, 1986), the interval by Hartung and Knapp (Statistics in Medicine 20,
/// 2001) and Sidik and Jonkman (Statistics in Medicine 21, 2002).
/// </summary>
/// <param name="Studies">k, the number of studies.</param>
/// <param name="Mean">μ: the mean with weights 1 / (seᵢ² + τ²), and its 95% interval; the interval is NaN of a single study.</param>
/// <param name="StandardError">
/// √(Σwᵢ(yᵢ − μ)² / ((k − 1)Σwᵢ)), the weighted spread of the studies about the mean, to be used with t of k − 1 degrees, and at least √(1 / Σwᵢ), so
/// that a few studies which happen to agree are no certainty (Knapp and Hartung, Statistics in Medicine 22, 2003); NaN of a single study.
/// </param>
/// <param name="P">Two-sided p value of the mean, by t of k − 1 degrees; NaN of a single study.</param>
/// <param name="TauSquared">τ², the variance of the studies' own effects; 0 where they differ by no more than their errors let expect.</param>
/// <param name="Q">Cochran's Q: Σ(yᵢ − ȳ)² / seᵢ² about the mean ȳ with weights 1 / seᵢ².</param>
/// <param name="HeterogeneityP">p of Q, by χ² of k − 1 degrees; NaN of a single study.</param>
/// <param name="ISquared">I² = (Q − (k − 1)) / Q, at least 0: the part of the spread that is not of the studies' own errors (Higgins and Thompson 2002).</param>
/// <param name="Weights">The studies' weights in the mean, in their order; they add up to 1.</param>
public sealed record RandomEffects(
    int Studies,
    Estimate Mean,
    double StandardError,
    double P,
    double TauSquared,
    double Q,
    double HeterogeneityP,
    double ISquared,
    IReadOnlyList<double> Weights)
{
    private const double Tail = 0.025;

    /// <summary>Pools studies.</summary>
    /// <param name="studies">At least one; they count as independent.</param>
    /// <exception cref="ArgumentException">There is none, or one has a value that is not finite or a standard error that is not above 0.</exception>
    public static RandomEffects Of(IReadOnlyList<StudyEffect> studies)
    {
        ArgumentNullException.ThrowIfNull(studies);
        if (studies.Count == 0 || studies.Any(s => !double.IsFinite(s.Effect) || !double.IsFinite(s.StandardError) || s.StandardError <= 0))
        {
            throw new ArgumentException("Pooling needs a study, and of each a finite effect and a standard error above 0.", nameof(studies));
        }

        double[] effects = [.. studies.Select(s => s.Effect)];
        double[] variances = [.. studies.Select(s => s.StandardError * s.StandardError)];
        double[] precise = [.. variances.Select(v => 1 / v)];
        var (freedom, sum) = (studies.Count - 1, precise.Sum());
        var q = Squares(effects, precise);
        var between = freedom == 0 ? 0 : Math.Max(0, (q - freedom) / (sum - (precise.Sum(w => w * w) / sum)));

        double[] weights = [.. variances.Select(v => 1 / (v + between))];
        var (mean, total) = (Weighted(effects, weights), weights.Sum());
        var error = freedom == 0 ? double.NaN : Math.Sqrt(Math.Max(1, Squares(effects, weights) / freedom) / total);
        var half = freedom == 0 ? double.NaN : -StudentT.InvCDF(0, 1, freedom, Tail) * error;
        return new RandomEffects(
            studies.Count,
            new Estimate(mean, mean - half, mean + half),
            error,
            freedom == 0 ? double.NaN : 2 * StudentT.CDF(0, 1, freedom, -Math.Abs(mean / error)),
            between,
            q,
            freedom == 0 ? double.NaN : 1 - ChiSquared.CDF(freedom, q),
            q > freedom ? (q - freedom) / q : 0,
            [.. weights.Select(w => w / total)]);
    }

    private static double Weighted(double[] values, double[] weights) => values.Zip(weights, (v, w) => v * w).Sum() / weights.Sum();

    // Weighted squares about the weighted mean.
    private static double Squares(double[] values, double[] weights)
    {
        var mean = Weighted(values, weights);
        return values.Zip(weights, (v, w) => w * (v - mean) * (v - mean)).Sum();
    }
}
