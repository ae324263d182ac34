using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Verification.Tests.OpenAnswers;

/// <summary>Marks that models put around answers.</summary>
public sealed class WrappersTests
{
    [TestCase("17", "<|begin_of_box|>17<|end_of_box|>", true)]
    [TestCase(@"\frac{\sqrt{2}}{2}", @"<|begin_of_box|>\frac{\sqrt{2}}{2}<|end_of_box|>", true)]
    [TestCase("17", "**17**", true)]
    [TestCase("17", "<answer> 17 </answer>", true)]
    [TestCase("8", @"\boxed{\text{eight apples}}", true)]
    [TestCase("8", @"\boxed{eight}", true)]
    [TestCase("8", "<answer>eight</answer>", true)]
    [TestCase("17", "\"17\"", true)]
    [TestCase("17", "`17`", true)]
    [TestCase("17", "The answer is `17`.", true)]
    [TestCase("17", "__17__", true)]
    [TestCase("17", "<b>17</b>", true)]
    [TestCase("17", "１７", true)]
    [TestCase("17", "**18**", false)]
    [TestCase("17", "<|begin_of_box|>1<|end_of_box|>7", false)]
    [TestCase("Paris", "**Paris** and **London**", false)]
    public void MarksAroundAnAnswer_AreNoPartOfIt(string reference, string output, bool isRight) =>
        MathAnswers.Verify(reference, output).IsCorrect.Should().Be(isRight);

    [TestCase("7", @"\boxed{\text{7 apples}}", true)]
    public void ABoxAlone_IsJudgedByTheSameRules(string reference, string output, bool isRight) =>
        BoxedAnswer.Verify(output, reference).IsCorrect.Should().Be(isRight);

    [TestCase("B", "The answer is (B)**", "(B)")]
    [TestCase("B", "**Answer: (B)**", "(B)")]
    [TestCase("x", "__x__", "x")]
    [TestCase("Paris", "\"Paris\"", "Paris")]
    [TestCase("Paris", "<|begin_of_box|>Paris<|end_of_box|><|im_end|>", "Paris")]
    [TestCase("Paris", "The capital is **Paris**.", "Paris")]
    [TestCase("17", "The answer is **17**.", "17")]
    public void MarksAroundAnAnswer_AreNotExtracted(string reference, string output, string extracted)
    {
        var verdict = MathAnswers.Verify(reference, output);

        verdict.Text.Should().Be(extracted);
        verdict.IsCorrect.Should().BeTrue();
    }
}
