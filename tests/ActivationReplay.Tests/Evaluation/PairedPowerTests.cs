using ActivationReplay.Evaluation.Statistics;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Evaluation;

public sealed class PairedPowerTests
{
    [Test]
    public void McNemarPower_OfPairsThatAllDiffer_IsTheBinomialByHand()
    {
        // Of 10, at most one on a side is significant: p(1, 9) = 0.0215, p(2, 8) = 0.109. P(X ≤ 1) of 0.2, and of 0.8.
        McNemar.Power(10, 1, 0.6, 0.05).Should().BeApproximately(0.3758096 + 4.1984e-6, 1e-7);
        McNemar.Power(5, 1, 1, 0.05).Should().Be(0, "five on one side are p = 0.0625");
        McNemar.Power(6, 1, 1, 0.05).Should().BeApproximately(1, 1e-12, "six are p = 0.031");
    }

    [Test]
    public void McNemarPower_IsTheSumOverTheDiscordantPairs()
    {
        // 8 questions, a quarter discordant, all for one: 6 or more of 8 must be, P(X ≥ 6) = 28 · 0.25⁶ · 0.75² + 8 · 0.25⁷ · 0.75 + 0.25⁸.
        McNemar.Power(8, 0.25, 0.25, 0.05).Should().BeApproximately(
            (28 * Math.Pow(0.25, 6) * 0.5625) + (8 * Math.Pow(0.25, 7) * 0.75) + Math.Pow(0.25, 8), 1e-12);
    }

    [TestCase(40, 0.2)]
    [TestCase(500, 0.03)]
    [TestCase(2000, 0.4)]
    public void McNemarPower_WithoutADifference_IsAtMostTheLevel(int questions, double discordance)
    {
        McNemar.Power(questions, discordance, 0, 0.05).Should().BeInRange(0, 0.05);
        McNemar.Power(questions, discordance, 0, 1).Should().BeApproximately(1, 1e-9);
        McNemar.Power(questions, 0, 0, 0.05).Should().Be(0);
    }

    [Test]
    public void QuestionsFor_ByTheNormalFormula_IsConnors()
    {
        // (1.959964 √0.3 + 0.841621 √0.29)² / 0.01 = 233.1.
        new PairedPower(0.3, IsBinary: false).QuestionsFor(0.1).Should().Be(234);
        new PairedPower(0.3, IsBinary: false).QuestionsFor(-0.1).Should().Be(234);
    }

    /// <summary>The exact test needs more than the formula without its correction, by about one discordant pair a side: 1 / |δ| (Fleiss).</summary>
    [Test]
    public void QuestionsFor_OfTheExactTest_NeedsAFewMore() =>
        new PairedPower(0.3, IsBinary: true).QuestionsFor(0.1).Should().BeInRange(235, 234 + 20);

    [TestCase(0.1, true)]
    [TestCase(0.02, true)]
    [TestCase(0.1, false)]
    [TestCase(0.005, false)]
    public void SmallestDifference_AndQuestionsFor_AreInverse(double meanSquare, bool isBinary)
    {
        var power = new PairedPower(meanSquare, isBinary, 0.05 / 4);

        var smallest = power.SmallestDifference(1000)!.Value;

        // A difference to five decimals; the exact power climbs by steps.
        power.Power(1000, smallest).Should().BeApproximately(0.8, 0.005);
        power.QuestionsFor(smallest)!.Value.Should().BeInRange(960, 1000);
    }

    [Test]
    public void SmallestDifference_FallsWithQuestions_AndRisesWithTests()
    {
        double Of(int questions, int tests) => new PairedPower(0.1, IsBinary: true, 0.05 / tests).SmallestDifference(questions)!.Value;

        new[] { Of(100, 1), Of(200, 1), Of(800, 1), Of(3200, 1) }.Should().BeInDescendingOrder();
        Of(200, 13).Should().BeGreaterThan(Of(200, 2)).And.BeGreaterThan(Of(200, 1));
        // Four times the questions halve it, where the level is not near.
        (Of(800, 1) / Of(3200, 1)).Should().BeApproximately(2, 0.1);
    }

    [Test]
    public void SmallestDifference_OfRareDiscordance_IsOneThatItAllows()
    {
        // A difference of d needs a share of d discordant questions: twelve or thirteen of 200, for p = 0.05 / 13 ten must all be for one side.
        new PairedPower(0.015, IsBinary: true, 0.05 / 13).SmallestDifference(200).Should().BeApproximately(0.063, 0.004);
        new PairedPower(0, IsBinary: true).SmallestDifference(200).Should().BePositive();
        new PairedPower(0.1, IsBinary: true).SmallestDifference(5).Should().BeNull("five questions show nothing");
    }

    [TestCase(0, 0.8)]
    [TestCase(0.1, 0)]
    [TestCase(0.1, 1)]
    [TestCase(1.5, 0.8)]
    public void QuestionsFor_OfWhatIsNone_IsRefused(double difference, double power) =>
        FluentActions.Invoking(() => new PairedPower(0.1, true).QuestionsFor(difference, power)).Should().Throw<ArgumentOutOfRangeException>();

    [Test]
    public void QuestionsFor_ADifferenceTooSmall_IsNull() => new PairedPower(0.1, true).QuestionsFor(1e-6).Should().BeNull();

    // Until 400 discordant pairs the power is exact: four standard errors of 4000 draws are 0.025. Beyond it is the normal one, which
    // leaves out the steps of the exact test: 0.02.
    [TestCase(200, 0.1, 1, 0.025)]
    [TestCase(200, 0.015, 13, 0.025)]
    [TestCase(1000, 0.1, 4, 0.025)]
    [TestCase(1000, 0.6, 1, 0.045)]
    public void SmallestDifference_OfSimulatedQuestions_IsFoundWithItsPower(int questions, double discordance, int tests, double tolerance)
    {
        const int Runs = 4000;
        var random = new Random(17);
        var smallest = new PairedPower(discordance, IsBinary: true, 0.05 / tests).SmallestDifference(questions)!.Value;
        var share = Math.Max(discordance, smallest);

        var found = Enumerable.Range(0, Runs).Count(_ =>
        {
            var (better, worse) = (0, 0);
            for (var i = 0; i < questions; i++)
            {
                var draw = random.NextDouble();
                better += draw < (share + smallest) / 2 ? 1 : 0;
                worse += draw >= (share + smallest) / 2 && draw < share ? 1 : 0;
            }

            // The first step of Holm's correction, the other tests showing nothing.
            return Holm.Correct([McNemar.PValue(better, worse), .. Enumerable.Repeat(1.0, tests - 1)])[0] <= 0.05;
        });

        ((double)found / Runs).Should().BeApproximately(0.8, tolerance);
    }

    /// <summary>
    /// Eight answers a question, right with a chance of 0.5 with one method and of 0.5 + δ ± b with the other: the mean square between questions
    /// is δ² + b², the variance of a difference of single answers 0.5 less that.
    /// </summary>
    [Test]
    public void SmallestDifference_OfSimulatedQuestionsWithSeveralAnswers_IsFoundWithItsPower()
    {
        const int Answers = 8;
        const double Between = 0.04;
        const int Questions = 30;
        var random = new Random(18);
        var spread = new DifferenceSpread(Between, 0.5 - Between);
        var smallest = new PairedPower(spread.MeanSquare(Answers), IsBinary: false).SmallestDifference(Questions)!.Value;
        var shift = Math.Sqrt(Between - (smallest * smallest));

        FoundBySignFlips(() => Enumerable.Range(0, Questions).Select(_ =>
        {
            var chance = 0.5 + smallest + (random.Next(2) == 0 ? shift : -shift);
            return (Right(chance) - Right(0.5)) / (double)Answers;
        }));

        int Right(double chance) => Enumerable.Range(0, Answers).Count(_ => random.NextDouble() < chance);
    }

    /// <summary>Graded scores: a difference uniform about δ with a mean square of 0.05.</summary>
    [Test]
    public void SmallestDifference_OfSimulatedGradedScores_IsFoundWithItsPower()
    {
        const int Questions = 30;
        var random = new Random(19);
        var smallest = new PairedPower(0.05, IsBinary: false).SmallestDifference(Questions)!.Value;
        var width = Math.Sqrt(3 * (0.05 - (smallest * smallest)));

        FoundBySignFlips(() => Enumerable.Range(0, Questions).Select(_ => smallest + (width * ((2 * random.NextDouble()) - 1))));
    }

    /// <summary>
    /// Three of 200 questions differ, by about a quarter: seven must for p = 0.05 / 3, all on one side, and their chance is the power exactly. Four
    /// standard errors of 4000 draws are 0.025.
    /// </summary>
    [Test]
    public void SmallestDifference_OfFewQuestionsThatDiffer_IsFoundWithItsPower()
    {
        const int Runs = 4000;
        var (share, magnitude, random) = (3.0 / 200, 0.24, new Random(20));
        var sparse = new PairedPower(share * magnitude * magnitude, IsBinary: false, 0.05 / 3, share);

        var smallest = sparse.SmallestDifference(200)!.Value;

        smallest.Should().BeGreaterThan((sparse with { Discordance = 1 }).SmallestDifference(200)!.Value, "the normal formula does not know that few differ");
        var found = Enumerable.Range(0, Runs).Count(_ => SignFlipTest.PValue(
            [.. Enumerable.Range(0, 200).Where(_ => random.NextDouble() < smallest / magnitude).Select(_ => magnitude)]) <= 0.05 / 3);
        ((double)found / Runs).Should().BeApproximately(0.8, 0.025);
    }

    // Three standard errors of 400 draws are 0.06; thirty questions are normal to within 0.02 of power.
    private static void FoundBySignFlips(Func<IEnumerable<double>> run) =>
        (Enumerable.Range(0, 400).Count(_ => SignFlipTest.PValue([.. run()]) <= 0.05) / 400.0).Should().BeApproximately(0.8, 0.08);
}
