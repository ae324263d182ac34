using ActivationReplay.Evaluation.Statistics;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Evaluation;

public sealed class RandomEffectsTests
{
    // The thirteen trials of BCG against tuberculosis (Colditz et al. 1994): ill and healthy of the vaccinated, then of the others.
    private static readonly int[][] s_trials =
    [
        [4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619], [33, 5036, 47, 5761], [180, 1361, 372, 1079],
        [8, 2537, 10, 619], [505, 87886, 499, 87892], [29, 7470, 45, 7232], [17, 1699, 65, 1600], [186, 50448, 141, 27197], [5, 2493, 3, 2338],
        [27, 16886, 29, 17825],
    ];

    [Test]
    public void Of_TheTrialsOfBcg_IsWhatMetaforPublishes()
    {
        var pooled = RandomEffects.Of([.. s_trials.Select(LogRisk)]);

        // rma(measure = "RR", method = "DL") of R's metafor: estimate -0.7141, tau² 0.3088, I² 92.12%, Q(12) = 152.2330; half its last digits.
        pooled.Mean.Mean.Should().BeApproximately(-0.7141, 5e-5);
        pooled.TauSquared.Should().BeApproximately(0.3088, 5e-5);
        pooled.ISquared.Should().BeApproximately(0.9212, 5e-5);
        pooled.Q.Should().BeApproximately(152.2330, 5e-5);
        pooled.HeterogeneityP.Should().BeLessThan(1e-4);
        pooled.Weights.Sum().Should().BeApproximately(1, 1e-12);

        // Their own spread is beyond their errors', so the least does not count: t of 12 degrees is 2.17881.
        (pooled.Mean.High - pooled.Mean.Mean).Should().BeApproximately(2.17881 * pooled.StandardError, 1e-5);
    }

    /// <summary>
    /// Effects 0, 0.02 and 0.1 with a standard error of 0.02 each, by hand: weights of 2500, mean 0.04, Q = 2500 · (0.0016 + 0.0004 + 0.0036)
    /// = 14, τ² = (14 − 2) / (7500 − 2500) = 0.0024, I² = 12/14. Equal weights of 1 / 0.0028 leave the mean; Hartung and Knapp's factor is
    /// 0.0056 / 0.0028 / 2 = 1, so the standard error is √(0.0028 / 3), and t of 2 degrees 4.302653.
    /// </summary>
    [Test]
    public void Of_ThreeStudies_IsTheCalculationByHand()
    {
        var pooled = RandomEffects.Of([new(0, 0.02), new(0.02, 0.02), new(0.1, 0.02)]);

        pooled.Mean.Mean.Should().BeApproximately(0.04, 1e-12);
        pooled.Q.Should().BeApproximately(14, 1e-9);
        pooled.TauSquared.Should().BeApproximately(0.0024, 1e-12);
        pooled.ISquared.Should().BeApproximately(12.0 / 14, 1e-12);
        pooled.StandardError.Should().BeApproximately(Math.Sqrt(0.0028 / 3), 1e-12);
        pooled.Mean.Low.Should().BeApproximately(0.04 - (4.302653 * Math.Sqrt(0.0028 / 3)), 1e-7);

        // χ² of 2 degrees: e^(−Q/2). t of 2 degrees: 1 − t / √(2 + t²).
        pooled.HeterogeneityP.Should().BeApproximately(Math.Exp(-7), 1e-9);
        var t = 0.04 / Math.Sqrt(0.0028 / 3);
        pooled.P.Should().BeApproximately(1 - (t / Math.Sqrt(2 + (t * t))), 1e-9);
    }

    [Test]
    public void Of_UnequalStudies_FollowsThePreciseOnes_TheMoreTheLessTheyDiffer()
    {
        var alike = RandomEffects.Of([new(0.10, 0.01), new(0.11, 0.1)]);
        var apart = RandomEffects.Of([new(0.10, 0.01), new(0.90, 0.1)]);

        alike.TauSquared.Should().Be(0);
        alike.Weights[0].Should().BeApproximately(100.0 / 101, 1e-12);
        apart.TauSquared.Should().BePositive();
        apart.Weights[0].Should().BeLessThan(0.6);
    }

    [Test]
    public void Of_StudiesThatHappenToAgree_IsNoMoreCertainThanTheirErrors()
    {
        var pooled = RandomEffects.Of([new(0.05, 0.02), new(0.05, 0.02)]);

        pooled.StandardError.Should().BeApproximately(0.02 / Math.Sqrt(2), 1e-12);
        // t of one degree is 12.7062.
        (pooled.Mean.High - 0.05).Should().BeApproximately(12.7062 * 0.02 / Math.Sqrt(2), 1e-4);
    }

    [Test]
    public void Of_ASingleStudy_IsThatStudyWithoutAnInterval()
    {
        var pooled = RandomEffects.Of([new(0.05, 0.02)]);

        pooled.Mean.Mean.Should().Be(0.05);
        pooled.Mean.Low.Should().Be(double.NaN);
        pooled.P.Should().Be(double.NaN);
        pooled.TauSquared.Should().Be(0);
    }

    [TestCase(0.1, 0)]
    [TestCase(0.1, double.NaN)]
    [TestCase(double.PositiveInfinity, 0.1)]
    public void Of_AStudyThatIsNone_IsRefused(double effect, double error) =>
        FluentActions.Invoking(() => RandomEffects.Of([new(0, 0.1), new(effect, error)])).Should().Throw<ArgumentException>();

    /// <summary>Five runs with effects of their own (τ = 0.03) and errors between 0.01 and 0.04: the interval holds the mean in 95 of 100.</summary>
    [Test]
    public void Of_StudiesOfTheModel_CoversTheMean()
    {
        var random = new Random(3);
        double[] errors = [0.01, 0.015, 0.02, 0.03, 0.04];

        var covered = Enumerable.Range(0, 4000).Count(_ =>
        {
            var pooled = RandomEffects.Of([.. errors.Select(e => new StudyEffect(0.02 + (0.03 * Gaussian(random)) + (e * Gaussian(random)), e))]);
            return pooled.Mean.Low <= 0.02 && 0.02 <= pooled.Mean.High;
        });

        // Three standard errors of 4000 draws are 0.01; the least of the standard error, and τ² that was estimated from five, move it by as much.
        (covered / 4000.0).Should().BeApproximately(0.95, 0.025);
    }

    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static StudyEffect LogRisk(int[] t)
    {
        double vaccinated = t[0] + t[1], others = t[2] + t[3];
        return new StudyEffect(
            Math.Log(t[0] / vaccinated / (t[2] / others)),
            Math.Sqrt((1.0 / t[0]) - (1 / vaccinated) + (1.0 / t[2]) - (1 / others)));
    }
}
