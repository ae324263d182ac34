using ActivationReplay.Evaluation.Statistics;
using ActivationReplay.Training.Stages;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Training;

public sealed class PolicyTests
{
    [Test]
    public void Normalise_GivesMeanZeroAndDeviationOne()
    {
        double[] advantages = [.. GrpoBatch.Normalise([1, 0, 0, 1, 1, 0, 0, 0])];
        advantages.Sum().Should().BeApproximately(0, 1e-9);
        advantages.Average(a => a * a).Should().BeApproximately(1, 1e-5); // the deviation has 1e-6 added
    }

    [Test]
    public void LearningRate_WarmsUpThenFallsToItsLastShare()
    {
        var rate = new LearningRate { Peak = 2, WarmUp = 10, Last = 0.1 };
        rate.At(4, 100).Should().BeApproximately(1, 1e-12);
        rate.At(10, 100).Should().BeApproximately(2, 1e-12);
        rate.At(100, 100).Should().BeApproximately(0.2, 1e-12);
    }

    [TestCase(32, 0, 1, 0)]
    [TestCase(32, 8, 1, 0.25)]
    [TestCase(4, 1, 2, 0.5)]
    [TestCase(32, 1, 32, 1)]
    public void PassAtK_OfCounts_IsTheChanceOfADrawWithARightOne(int answers, int correct, int k, double expected) =>
        PassAtK.Estimate(answers, correct, k).Should().BeApproximately(expected, 1e-12);
}
