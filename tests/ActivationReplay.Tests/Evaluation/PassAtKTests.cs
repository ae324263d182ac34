using ActivationReplay.Evaluation.Statistics;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Evaluation;

public sealed class PassAtKTests
{
    // 1 − C(n−c, k) / C(n, k).
    [TestCase(4, 1, 1, 0.25)]
    [TestCase(4, 1, 2, 0.5)]
    [TestCase(5, 2, 2, 0.7)]
    [TestCase(32, 0, 32, 0)]
    [TestCase(32, 1, 32, 1)]
    [TestCase(10, 8, 3, 1)]
    public void Estimate_CountsTheDrawsWithARightAnswer(int answers, int correct, int k, double expected) =>
        PassAtK.Estimate(answers, correct, k).Should().BeApproximately(expected, 1e-12);

    [Test]
    public void Estimate_IsTheShareOfAllSubsetsThatHoldARightAnswer()
    {
        const int Answers = 8;
        const int Correct = 3;
        for (var k = 1; k <= Answers; k++)
        {
            var subsets = Enumerable.Range(0, 1 << Answers).Where(s => int.PopCount(s) == k).ToList();
            // The right answers are the lowest bits.
            var share = subsets.Average(s => (s & ((1 << Correct) - 1)) != 0 ? 1.0 : 0.0);

            PassAtK.Estimate(Answers, Correct, k).Should().BeApproximately(share, 1e-12);
        }
    }

    [TestCase(4, 1, 0)]
    [TestCase(4, 1, 5)]
    [TestCase(4, 5, 1)]
    [TestCase(4, -1, 1)]
    public void Estimate_OutOfRange_IsRefused(int answers, int correct, int k) =>
        FluentActions.Invoking(() => PassAtK.Estimate(answers, correct, k)).Should().Throw<ArgumentOutOfRangeException>();

    [TestCase(6, 2, 3)]
    [TestCase(32, 5, 8)]
    [TestCase(4, 0, 4)]
    [TestCase(1, 1, 1)]
    public void Best_OfRightAndWrong_IsPassAtK(int answers, int correct, int k) =>
        PassAtK.Best([.. Enumerable.Range(0, answers).Select(i => i < answers - correct ? 0.0 : 1)], k)
            .Should().BeApproximately(PassAtK.Estimate(answers, correct, k), 1e-12);

    // Of the six pairs of 0.1, 0.4, 0.5, 0.9 the best are 0.4, 0.5, 0.9, 0.5, 0.9, 0.9.
    [TestCase(1, (0.1 + 0.4 + 0.5 + 0.9) / 4)]
    [TestCase(2, (0.4 + (2 * 0.5) + (3 * 0.9)) / 6)]
    [TestCase(4, 0.9)]
    public void Best_OfScores_IsTheMeanOverAllSubsets(int k, double expected) =>
        PassAtK.Best([0.1, 0.4, 0.5, 0.9], k).Should().BeApproximately(expected, 1e-12);
}
