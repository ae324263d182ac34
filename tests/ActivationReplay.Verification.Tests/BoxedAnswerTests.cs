using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Verification.Tests;

public sealed class BoxedAnswerTests
{
    [TestCase(@"so \boxed{3}", "3")]
    [TestCase(@"\boxed{1} no, \boxed{ 2 }.", "2")]
    [TestCase(@"\boxed{\frac{1}{2}}", @"\frac{1}{2}")]
    [TestCase(@"\boxed{4} then \boxed{5", "4")]
    [TestCase("three", null)]
    [TestCase("", null)]
    public void Extract_TakesTheLastCompleteBox(string output, string? answer) => BoxedAnswer.Extract(output).Should().Be(answer);

    [TestCase(@"\boxed{3}", "3", true)]
    [TestCase(@"\boxed{3.0}", "3", true)]
    [TestCase(@"\boxed{-2}", "- 2", true)]
    [TestCase(@"\boxed{13}", "3", false)]
    [TestCase("3", "3", false)]
    public void Verify_ComparesTextOrNumber(string output, string reference, bool correct) =>
        BoxedAnswer.Verify(output, reference).IsCorrect.Should().Be(correct);
}
