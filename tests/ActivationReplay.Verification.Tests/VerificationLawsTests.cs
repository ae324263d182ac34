using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Verification.Tests;

/// <summary>What holds for every answer, and for texts that are none.</summary>
public sealed class VerificationLawsTests
{
    private static readonly string[] s_references =
    [
        "5", "-5", "1,234", "0.25", "1/2", "2 1/2", "50%", @"50\%", "$20", "12 cm", "3e8", @"\frac{1}{2}", @"2\frac{1}{2}", @"\sqrt{2}", @"\sqrt[3]{5}",
        "x", "2x+1", "x=5", "x+y=3", "x<3", "1<x<3", @"x\in[0,1)", @"\{1,2,3\}", @"\{\}", "(1,2)", "(1,2,3)", "[1,2]", @"(-\infty,2]", @"[0,1)\cup(2,3]",
        @"\pm 4", @"\begin{pmatrix}1&2\\3&4\end{pmatrix}", @"\pi r^2", "e^{-x}", @"\ln x", @"\sin^2\theta", @"\log_{2} n", "f(x)", "f(g(2))", @"\frac{dy}{dx}",
        @"\int_0^1 x\,dx", @"\lim_{x \to 0} \frac{\sin x}{x}", @"\sum_{k=1}^{n} k^2", "n!", @"\binom{n}{k}", @"\overline{AB}", @"\angle ABC", "30^\\circ",
        @"\text{Evelyn}", "red", "North West", "12:30", "3:4", "A", "i", "1+2i", @"a \equiv b", @"\mathbb{Z}", "1, 2, \\ldots, n", @"\frac{1}{0}", "9^{9^{9}}", "1e999999999",
    ];

    private static readonly string[] s_hostile =
    [
        "", " ", "\0", "$", "$$", "{", "}", @"\", @"\boxed", @"\boxed{", @"\frac", @"\frac{1}{", "^", "_", "=", "==", "+", "-", "(", ")", ",", ";", "<answer>", "answer", "answer:", "</think>",
        new('{', 9000), new('(', 9000), new('$', 9000), new('-', 9000), new('1', 9000), new('\n', 9000), new('\\', 9000), "$" + new string('(', 1400) + "1" + new string(')', 1400) + "$",
        Many(@"\boxed{", 2000), Many(@"\[", 5000), Many(@"\frac{1}{", 300), Many("answer: $ ", 2000), Many("=1+1", 3000), Many("1/", 3000), Many(" 1 -1", 3000) + "x", Many(@"\pm", 600) + "1",
        "$" + Many(@"\sqrt{", 300) + "2" + new string('}', 300) + "$", "$" + Many("x^{", 300) + "2" + new string('}', 300) + "$", "$" + Many("1+", 1400) + "1$", "$x" + Many("=x", 700) + "$",
        "$9^{9^{9^{9}}}$", "9^9^9", "1e999999999", "$10^{10^{10}}$", "$((9!)!)!$", "$99999!$", @"$\binom{99999999}{5555555}$", "$2^{-99999999999}$", "$0^{-1}$", @"$\frac{0}{0}$", "12:00",
        @"$\sum_{k=1}^{99999999} k$", @"$\sum_{a=1}^{4000}\sum_{b=1}^{4000}\sum_{c=1}^{4000} abc$", @"$\prod_{k=1}^{2000} k^k$", "$(((2^{1000})^{1000})^{1000})$", "$x^{x^{x^{x^x}}}$",
        "0." + new string('0', 3000) + "1", Many("12,", 3000), Many("1 000 ", 3000), Many(", and ", 2000), "\ud83d", "\ud83d\ude00", Many("Option A or ", 2000), Many("(B) ", 3000),
    ];

    [Test]
    public void AReference_EqualsItself_InEveryForm([ValueSource(nameof(s_references))] string reference)
    {
        MathAnswers.AreEqual(reference, reference).Should().BeTrue();
        MathAnswers.Verify(reference, reference).IsCorrect.Should().BeTrue();
        BoxedAnswer.Verify($@"so it is \boxed{{{reference}}}.", reference).IsCorrect.Should().BeTrue();
    }

    [Test]
    public void AReference_EqualsItselfInABox([ValueSource(nameof(s_references))] string reference) =>
        MathAnswers.Verify(reference, $@"therefore \boxed{{{reference}}}").IsCorrect.Should().BeTrue();

    [Test]
    public void AnyText_HasAVerdict([ValueSource(nameof(Indices))] int index)
    {
        var text = s_hostile[index];
        var choices = new Dictionary<string, string> { ["A"] = "1", ["B"] = text, ["C"] = "" };

        // That these return is the law; none is the number 31.
        MathAnswers.Verify("31", text).IsCorrect.Should().BeFalse();
        MathAnswers.Verify(text, "31").IsCorrect.Should().BeFalse();
        ChoiceAnswers.Verify(choices, "A", text).Text.Should().BeOneOf(null, "A", "B", "C");
    }

    [Test]
    public void Verify_IsTheSameOnEveryCall()
    {
        foreach (var output in new[] { @"$\sqrt{x^2+1}$", "$\\sin x$", "The answer is 4", "A or B" })
        {
            MathAnswers.Verify("x", output).Should().Be(MathAnswers.Verify("x", output));
        }
    }

    private static IEnumerable<int> Indices() => Enumerable.Range(0, s_hostile.Length);

    private static string Many(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
