using ActivationReplay.Ablations.Reports;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Reports;

public sealed class NumbersTests
{
    [Test]
    public void Numbers_AreShortAndSigned()
    {
        Numbers.Percent(0.41176).Should().Be("41.2%");
        Numbers.Points(-0.0312).Should().Be("\u22123.1");
        Numbers.Points(0.02).Should().Be("+2.0");
        Numbers.Points(0).Should().Be("0.0");
        Numbers.Short(0.00254).Should().Be("2.5e\u22123");
        Numbers.Short(123.4).Should().Be("123");
    }

    [Test]
    public void Numbers_WithoutAValue_AreADash()
    {
        Numbers.Percent(double.NaN).Should().Be("\u2013");
        Numbers.Points(null).Should().Be("\u2013");
    }

    [TestCase(0.0004, "< 0.001", "p < 0.001")]
    [TestCase(0.0312, "0.031", "p = 0.031")]
    public void P_ReadsInATableAndInASentence(double p, string table, string sentence)
    {
        Numbers.P(p).Should().Be(table);
        Numbers.P(p, sentence: true).Should().Be(sentence);
    }
}
