using ActivationReplay.Benchmarks.Costs;
using ActivationReplay.Benchmarks.Goals;
using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Benchmarks.Roofline;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Benchmarks;

/// <summary>The arithmetic between measured seconds and reported ratios.</summary>
public sealed class MediansTests
{
    [TestCase(new[] { 3.0, 1, 2 }, 2)]
    [TestCase(new[] { 4.0, 1, 2, 3 }, 2.5)]
    [TestCase(new[] { 7.0 }, 7)]
    public void Median_IsTheMiddle(double[] values, double median) => Medians.Of(values).Should().Be(median);

    [Test]
    public void Median_OfNothing_IsRefused() => FluentActions.Invoking(() => Medians.Of([])).Should().Throw<ArgumentException>();

    [Test]
    public void Ratio_IsOfPairs_SoThatASlowRoundCancels() => Medians.Ratio([1, 10, 2], [2, 20, 4]).Should().Be(0.5);

    [TestCase(1.0)]
    [TestCase(2.0)]
    public void Exponent_OfAPower_IsThePower(double power)
    {
        double[] x = [64, 128, 256, 1024];

        Medians.Exponent(x, [.. x.Select(value => 3 * Math.Pow(value, power))]).Should().BeApproximately(power, 1e-12);
    }

    [Test]
    public void Exponent_OfOnePoint_IsRefused() =>
        FluentActions.Invoking(() => Medians.Exponent([2, 2], [1, 3])).Should().Throw<ArgumentException>();

    [Test]
    public void Interleave_TakesTurns_AndDropsTheFirstRound()
    {
        var order = "";
        var calls = 0;

        var results = Medians.Interleave(2, () => Call("a"), () => Call("b"));

        order.Should().Be("ababab");
        results[0].Should().Equal(3, 5);
        results[1].Should().Equal(4, 6);

        double Call(string name)
        {
            order += name;
            return ++calls;
        }
    }

    [TestCase(0.2, 0.2, false, true)]
    [TestCase(0.2, 0.21, false, false)]
    [TestCase(0.8, 0.8, true, true)]
    [TestCase(0.8, 0.79, true, false)]
    public void Goal_IsMetUpToItsBound(double bound, double measured, bool isFloor, bool met) =>
        new GoalResult(new Goal("g", bound, isFloor), measured, "").IsMet.Should().Be(met);

    [Test]
    public void Goal_WithoutBoundOrNumber_IsNeitherMetNorMissed()
    {
        new GoalResult(new Goal("g", null), 1, "").IsMet.Should().BeNull();
        new GoalResult(new Goal("g", 1), null, "").IsMet.Should().BeNull();
    }

    [Test]
    public void Roof_IsTheLowerOfBothRates()
    {
        RooflinePoint.Roof(flopPerByte: 2, productRate: 100, copyRate: 10).Should().Be(20);
        RooflinePoint.Roof(flopPerByte: 50, productRate: 100, copyRate: 10).Should().Be(100);
    }

    [Test]
    public void Page_TakesATableBetweenItsMarks_AndTakesItAgain()
    {
        const string Page = "before\n<!-- goals -->\n<!-- /goals -->\nafter\n";

        var once = CostsPage.Fill(Page, "goals", "| old |\n");

        once.Should().Be("before\n<!-- goals -->\n| old |\n<!-- /goals -->\nafter\n");
        CostsPage.Fill(once, "goals", "| new |\n").Should().Be("before\n<!-- goals -->\n| new |\n<!-- /goals -->\nafter\n");
        FluentActions.Invoking(() => CostsPage.Fill("none", "goals", "")).Should().Throw<InvalidDataException>();
    }

    [TestCase(CostsCommand.FileName)]
    [TestCase(RooflineCommand.FileName)]
    [TestCase(GoalsCommand.FileName)]
    public void Page_OfTheRepository_HasAPlaceForEachTable(string name)
    {
        var page = File.ReadAllText(Path.Combine(Goldens.Repository, "docs", "what-replay-costs.md"));

        CostsPage.Fill(page, name, "table").Should().Contain("table");
    }
}
