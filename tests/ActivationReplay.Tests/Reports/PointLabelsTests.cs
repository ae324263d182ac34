using ActivationReplay.Ablations.Reports;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Reports;

public sealed class PointLabelsTests
{
    [TestCase(new[] { 3 }, "3")]
    [TestCase(new[] { 3, 4 }, "3, 4")]
    [TestCase(new[] { 3, 4, 5, 8 }, "3–5, 8")]
    [TestCase(new[] { 1, 3, 5, 7, 9 }, "1, 3, 5 …")]
    public void Ranges_JoinConsecutiveNumbers(int[] numbers, string text) => PointLabels.Ranges(numbers).Should().Be(text);

    [Test]
    public void Labels_OfPointsThatWouldCoverEachOther_AreOne() =>
        PointLabels.Of([(1, 0, 0), (2, 100, 0), (3, 2, 1)], unitX: 1, unitY: 1).Should().Equal((0, 0, "1, 3"), (100, 0, "2"));
}
