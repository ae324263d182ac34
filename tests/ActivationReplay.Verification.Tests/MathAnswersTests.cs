using ActivationReplay.Verification.Equality;
using ActivationReplay.Verification.Extraction;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Verification.Tests;

public sealed class MathAnswersTests
{
    // Numbers.
    [TestCase("-7", "-7", true)]
    [TestCase("7", "-7", false)]
    [TestCase("25300", "25,300", true)]
    [TestCase("25300", "25 300", true)]
    [TestCase("25300", @"$25{,}300$", true)]
    [TestCase("25300", @"\boxed{25,\!300}", true)]
    [TestCase("3.5", "3,5", true)]
    [TestCase("0.7", ".7", true)]
    [TestCase("7", "007", true)]
    [TestCase("8.25", "The price is $8.25", true)]
    [TestCase("8.25", "8.25€", true)]
    [TestCase("45", "so not 40 but 45m²", true)]
    [TestCase("3", "the code is XK3B", false)]
    [TestCase("2.5e-3", @"$2.5\times 10^{-3}$", true)]
    [TestCase("2.5e-3", "0.0025", true)]
    [TestCase("4000000", "4 x 10^6", true)]
    [TestCase("4000000", "4×10⁶", true)]
    [TestCase("1.6e-19", @"$1.7 \times 10^{-19}$", false)]
    [TestCase("3e8 m/s", @"$3 \times 10^8\ \text{m/s}$", true)]

    // Precision: six decimal places, unless both round to nothing.
    [TestCase("2/3", "0.666667", true)]
    [TestCase("2/3", "0.667", false)]
    [TestCase(@"\sqrt{2}", "1.414214", true)]
    [TestCase(@"\sqrt{2}", "1.41", false)]
    [TestCase("0.0000002", "0.0000003", false)]
    [TestCase(@"\frac{1}{2^{80}}", @"\frac{1}{2^{81}}", false)]

    // Percent.
    [TestCase(@"35\%", "0.35", true)]
    [TestCase(@"35\%", "35", true)]
    [TestCase("35", "35%", true)]
    [TestCase("0.35", "35 percent", true)]
    [TestCase("0.35", "35", false)]
    [TestCase("35/100", "35", false)]
    [TestCase("9/200", "4 1/2%", true)]
    [TestCase("9/2", "4 1/2%", false)]

    // Fractions and mixed numbers.
    [TestCase("3/8", @"\frac38", true)]
    [TestCase("3/8", @"$\dfrac{3}{8}$", true)]
    [TestCase("3/8", @"$\tfrac 3 8$", true)]
    [TestCase("3/8", @"\frac{6}{16}", true)]
    [TestCase("3/80", @"$\frac3{80}$", true)]
    [TestCase("11/4", @"$2\frac{3}{4}$", true)]
    [TestCase("11/4", "2 3/4", true)]
    [TestCase("-11/4", "-2 3/4", true)]
    [TestCase("2", "2 3/4", false)]
    [TestCase("7", "7 3/0", false)]
    [TestCase(@"0.1\overline{6}", "1/6", true)]
    [TestCase("3:4", @"\boxed{6:8}", true)]

    // Units, degrees, words around.
    [TestCase("18 cm", "18", true)]
    [TestCase("18", @"$18\,\mathrm{cm}^2$", true)]
    [TestCase("18", @"\boxed{18\text{ square units}}", true)]
    [TestCase("60", @"$60^\circ$", true)]
    [TestCase("60", "60°", true)]
    [TestCase("14", "14 students", true)]
    [TestCase("20 dollars", @"\$20", true)]
    [TestCase(@"18\pi", "18", false)]

    // Roots, powers, constants, functions.
    [TestCase(@"2\sqrt{5}", @"\boxed{\sqrt{20}}", true)]
    [TestCase(@"\sqrt7", @"$\sqrt{7}$", true)]
    [TestCase(@"\frac{1}{\sqrt3}", @"\frac{\sqrt{3}}{3}", true)]
    [TestCase("-3", @"$\sqrt[3]{-27}$", true)]
    [TestCase("2^{12}", "4096", true)]
    [TestCase(@"\frac{3\pi}{2}", @"1.5\pi", true)]
    [TestCase("e^{3}", "$e^3$", true)]
    [TestCase("e", @"\boxed{\pi}", false)]
    [TestCase(@"\log_3 81", "4", true)]
    [TestCase("6!", "720", true)]
    [TestCase(@"\binom{6}{2}", "15", true)]
    [TestCase(@"\sum_{k=1}^{10} k", "55", true)]
    [TestCase(@"|{-4}| + \lfloor 2.9 \rfloor", "6", true)]
    [TestCase("(2+i)^2", "3+4i", true)]

    // Expressions.
    [TestCase("(a-b)(a+b)", "a^2 - b^2", true)]
    [TestCase("(a-b)(a+b)", "a^2 + b^2", false)]
    [TestCase("2x-1", "-1+2x", true)]
    [TestCase(@"\frac{x+3}{5}", @"\frac{x}{5}+0.6", true)]
    [TestCase(@"1 - 2\sin^2 t", @"\cos 2t", true)]
    [TestCase(@"\sqrt{1/n}", @"\frac{1}{\sqrt n}", true)]
    [TestCase("x+1", "y+1", false)]
    [TestCase("f(x)+g(x)", "g(x)+f(x)", true)]
    [TestCase(@"\text{odd}", "$odd$", true)]

    // Equations and inequalities.
    [TestCase("x=9", "9", true)]
    [TestCase("9", "$x = 3^2 = 9$", true)]
    [TestCase("9", @"$x\approx 9$", true)]
    [TestCase("2x+z=9", "9", false)]
    [TestCase("x=9", "$y=9$", false)]
    [TestCase("3x+6y=12", "$y = 2 - x/2$", true)]
    [TestCase("3x+6y=12", "$y = 2 + x/2$", false)]
    [TestCase("uv=1", @"$v=\frac1u$", true)]
    [TestCase("x<4", "$4>x$", true)]
    [TestCase("x<4", "$-x>-4$", true)]
    [TestCase("x<4", "$x>4$", false)]
    [TestCase(@"x \ge 4", @"$x \geqslant 4$", true)]
    [TestCase("1<t<5", "$(1,5)$", true)]
    [TestCase("(1,5)", "$1<t<5$", false)]
    [TestCase("1<t<5", "$5>t>1$", true)]
    [TestCase(@"|x|\le 2", "$x\\in[-2,2]$", true)]
    [TestCase(@"x\ne 3", @"$(-\infty,3)\cup(3,\infty)$", true)]

    // Sets, tuples, intervals, matrices.
    [TestCase(@"\{4,5,6\}", @"\boxed{\{6,4,5\}}", true)]
    [TestCase(@"\{4,5,6\}", "4, 5, 6", true)]
    [TestCase(@"\{4,5,6\}", "4, 5", false)]
    [TestCase(@"4 \text{ and } 5", "5 and 4", true)]
    [TestCase(@"\pm 3", "$3, -3$", true)]
    [TestCase(@"\pm 3", "$3$", false)]
    [TestCase(@"\{1/2\} \cup \{0.25\}", @"\{1/4, 1/2\}", true)]
    [TestCase("(4,5)", @"\boxed{(5,4)}", false)]
    [TestCase("(5,4)", @"\boxed{\{5,4\}}", true)]
    [TestCase("(x,y)=(4,5)", "$(4,5)$", true)]
    [TestCase("(1,2,3)", @"\boxed{\left(1, 2, \frac{6}{2}\right)}", true)]
    [TestCase("[0,2)", "$[0,2)$", true)]
    [TestCase("[0,2)", "$(0,2)$", false)]
    [TestCase(@"[0,2)\cup[2,3]", "$[0,3]$", true)]
    [TestCase(@"\mathbb{R}", @"$(-\infty,\infty)$", true)]
    [TestCase(@"\emptyset", @"$\varnothing$", true)]
    [TestCase("a=1,b=2", "$1,2$", true)]
    [TestCase(@"\begin{pmatrix}1&2\\3&4\end{pmatrix}", @"$\begin{bmatrix}1&2\\3&\frac82\end{bmatrix}$", true)]
    [TestCase(@"\begin{pmatrix}1&2\\3&4\end{pmatrix}", @"$\begin{bmatrix}1&3\\2&4\end{bmatrix}$", false)]
    [TestCase(@"\begin{pmatrix}2&4\end{pmatrix}", @"$2\begin{pmatrix}1&2\end{pmatrix}$", true)]

    // Words.
    [TestCase("green", "The answer is green.", true)]
    [TestCase("green", @"\boxed{\text{Green}}", true)]
    [TestCase("green", @"\boxed{grey}", false)]

    // Cut off or broken.
    [TestCase("6", @"\boxed{6", false)]
    [TestCase("6", @"we get $\frac{6}{", false)]
    [TestCase("12:30", "$12:30$", true)]
    [TestCase("12:00", "$11:00$", false)]
    [TestCase("6", "", false)]
    public void Verify_ComparesWhatAnswersMean(string reference, string output, bool isEqual) =>
        MathAnswers.Verify(reference, output).IsCorrect.Should().Be(isEqual);

    [TestCase(@"first \boxed{1}, then \boxed{2}.", "1,2", "boxed")]
    [TestCase("The sum is $3$. \\boxed{4}\nWait, it is \\boxed{5}", "5", "boxed")]
    [TestCase(@"\boxed{8} <answer>9</answer>", "8", "boxed")]
    [TestCase("<answer>9</answer> which is 3 squared", "9", "answer-tag")]
    [TestCase("<answer>9", "9", "answer-tag")]
    [TestCase("The answer is 12, since 7 + 5 = 12 and 3 were left", "12", "answer-phrase")]
    [TestCase("Answer: 7 + 5 = 12", "12", "answer-phrase")]
    [TestCase(@"Final Answer: The final answer is $\frac{1}{2}$. I hope it is correct. Next, 99", @"\frac{1}{2}", "answer-phrase")]
    [TestCase("we see $x$ and get $y = 4$ at the end", "y = 4", "formula")]
    [TestCase("3 apples and 4 pears are 7", "7", "number")]
    [TestCase("<think>The answer is 3</think>It must be 4", "4", "number")]
    [TestCase("<think>The answer is 3", "3", "answer-phrase")]
    [TestCase("2x + 1", "2x + 1", "whole-text")]
    [TestCase("nothing here", null, "unparsed")]
    public void Verify_SaysWhatItTookAndWhy(string output, string? extracted, string rule)
    {
        var verdict = MathAnswers.Verify("0", output);

        verdict.Text.Should().Be(extracted);
        verdict.Rule.Name().Should().Be(rule);
    }

    [TestCase(AnswerTargets.Latex, "5 and no formula", false)]
    [TestCase(AnswerTargets.Latex, "so $5$", true)]
    [TestCase(AnswerTargets.Latex, "so $\n5\n$", false)]
    [TestCase(AnswerTargets.Latex, "so $$\n5\n$$", true)]
    [TestCase(AnswerTargets.Expression, "it is 5 then", true)]
    [TestCase(AnswerTargets.Mathematics, "it is 5 then", true)]
    public void Verify_LooksForItsTargetsAlone(AnswerTargets targets, string output, bool isEqual) =>
        MathAnswers.Verify(@"\boxed{5}", output, targets).IsCorrect.Should().Be(isEqual);

    [TestCase("1/3", "0.33", 2, true)]
    [TestCase("1/3", "0.33", 3, false)]
    [TestCase("(1/3, 2/3]", "(0.33, 0.67]", 2, true)]
    public void Verify_RoundsToTheGivenPlaces(string reference, string output, int places, bool isEqual) =>
        MathAnswers.Verify(reference, output, options: new EqualityOptions { Places = places }).IsCorrect.Should().Be(isEqual);

    [Test]
    public void Verify_NotStrict_MatchesVariablesByOrder()
    {
        var options = new EqualityOptions { IsStrict = false };

        MathAnswers.Verify("$g(x)+x$", "$g(t)+t$", options: options).IsCorrect.Should().BeTrue();
        MathAnswers.Verify("$g(x)+x$", "$g(t)+t$").IsCorrect.Should().BeFalse();
    }

    [Test]
    public void Verify_ComparesAReferenceSetWithAnInequality_OnlyIfAllowed()
    {
        const string Set = "$x \\in [0,4]$";
        const string Inequality = @"$0 \le x \le 4$";

        MathAnswers.Verify(Set, Inequality).IsCorrect.Should().BeFalse();
        MathAnswers.Verify(Set, Inequality, options: new EqualityOptions { ComparesSetsWithRelations = true }).IsCorrect.Should().BeTrue();
        MathAnswers.Verify(Inequality, Set).IsCorrect.Should().BeTrue();
    }
}
