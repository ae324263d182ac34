using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Verification.Tests.OpenAnswers;

/// <summary>Inequalities against intervals, and functions of degrees.</summary>
public sealed class IntervalsAndAnglesTests
{
    // Right.
    [TestCase("[2,5)", @"$2 \le x < 5$", true)]
    [TestCase("[2,5)", @"$5 > y \ge 2$", true)]
    [TestCase("[2,5)", @"$x \in [2,5)$", true)]
    [TestCase(@"(-\infty,2)\cup(3,\infty)", "x < 2 or x > 3", true)]
    [TestCase("0.5", @"$\sin 30^\circ$", true)]
    [TestCase("0.5", @"\cos 60°", true)]
    [TestCase("1", "tan 45°", true)]
    [TestCase("[2,5)", "The solution is 2 ≤ x < 5.", true)]
    [TestCase("[2,5)", "The solution is [2, 5).", true)]
    [TestCase("[2,5]", @"$2 \le t \le 5$", true)]
    [TestCase(@"(-\infty,2]", "x ≤ 2", true)]
    [TestCase(@"(2,\infty)", "The answer is x > 2.", true)]
    [TestCase("x>5", "The answer is x > 5.", true)]
    [TestCase(@"(-\infty,2]\cup[3,\infty)", @"$x \le 2$ or $x \ge 3$", true)]
    [TestCase(@"\frac{\sqrt3}{2}", @"$\sin 60^\circ$", true)]
    [TestCase("0.5", "sin 30 degrees", true)]
    [TestCase("0.5", "sin(30°)", true)]
    [TestCase("1.5", @"$1 + \cos 60^{\circ}$", true)]
    [TestCase("30", @"$30^\circ$", true)]

    // Wrong.
    [TestCase("[2,5)", "$2 < x < 5$", false)]
    [TestCase("[2,5)", "The solution is (2, 5).", false)]
    [TestCase("5", "The answer is x > 5.", false)]
    [TestCase("0.5", @"$\sin 30$", false)]
    public void AnIntervalOrAngle_IsWhatItMeans(string reference, string output, bool isRight) =>
        MathAnswers.Verify(reference, output).IsCorrect.Should().Be(isRight);
}
