using ActivationReplay.Evaluation.Statistics;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Evaluation;

public sealed class DifferenceSpreadTests
{
    [Test]
    public void MeanSquare_OfMoreAnswers_KeepsThePartBetweenQuestions()
    {
        var spread = DifferenceSpread.Of(0.2, 0.25);

        spread.MeanSquare(1).Should().BeApproximately(0.2, 1e-12);
        spread.MeanSquare(4).Should().BeApproximately(0.05 + (0.15 / 4), 1e-12);
        spread.MeanSquare(1_000_000).Should().BeApproximately(0.05, 1e-6);
    }

    [Test]
    public void Measured_AtItsOwnAnswers_IsWhatWasMeasured() =>
        DifferenceSpread.Measured(0.03, 0.08, 8).MeanSquare(8).Should().BeApproximately(0.03, 1e-12);

    [Test]
    public void Measured_WithAllTheSpreadWithin_HasNothingBetween() => DifferenceSpread.Measured(0.005, 0.08, 8).Between.Should().Be(0);

    [TestCase(1.1, 0.1)]
    [TestCase(0.1, -0.1)]
    [TestCase(double.NaN, 0.1)]
    public void Of_ShareOutOfRange_IsRefused(double discordance, double correlation) =>
        FluentActions.Invoking(() => DifferenceSpread.Of(discordance, correlation)).Should().Throw<ArgumentOutOfRangeException>();
}
