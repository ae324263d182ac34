using ActivationReplay.Verification.Scores;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Verification.Tests.Scores;

public sealed class GradedAnswersTests
{
    [TestCase("3.14", "<answer>3.141</answer>", 1)]
    [TestCase("3.14", "<answer>3.146</answer>", 0)]
    [TestCase("0.125", "<answer>0.12</answer>", 1)] // halves to even
    [TestCase("0.135", "<answer>0.14</answer>", 1)]
    [TestCase("1,200", "<think>12?</think> <answer>1200</answer>", 1)]
    [TestCase("-2", "The answer is -2.00", 1)]
    [TestCase("-2", @"\boxed{2}", 0)]
    [TestCase("0.5", @"\boxed{\frac12}", 1)]
    [TestCase("50%", "<answer>50</answer>", 1)]
    [TestCase("7", "<answer>no idea</answer>", 0)]
    public void Numerical_IsEqualToTwoDecimals(string reference, string output, double score) =>
        AnswerVerifier.Verify(new AnswerReference(reference, AnswerKind.Numerical), output).Score.Should().Be(score);

    [TestCase("10", "<answer>9</answer>", 0.9)]
    [TestCase("10", "<answer>11</answer>", 0.9)]
    [TestCase("-10", "<answer>-9</answer>", 0.9)]
    [TestCase("10", "<answer>25</answer>", 0)]
    [TestCase("10", "<answer>-10</answer>", 0)]
    [TestCase("0", "<answer>0.0</answer>", 1)]
    [TestCase("0", "<answer>0.001</answer>", 0)]
    [TestCase("10", "<answer>10^400</answer>", 0)]
    public void Regression_IsOneMinusTheRelativeDifference(string reference, string output, double score) =>
        AnswerVerifier.Verify(new AnswerReference(reference, AnswerKind.Regression), output).Score.Should().BeApproximately(score, 1e-12);

    [TestCase("4 7 1", "<answer>4 7 1</answer>", 1)]
    [TestCase("4 7 1", "<answer>4 7 2</answer>", 2.0 / 3)]
    [TestCase("4 7 1", "4 7 1", 1)]
    [TestCase("4", "I see a 4 and then a 5", 0)] // more errors than words
    public void Transcript_IsOneMinusTheWordErrorRate(string reference, string output, double score) =>
        AnswerVerifier.Verify(new AnswerReference(reference, AnswerKind.Transcript), output).Score.Should().BeApproximately(score, 1e-12);

    [Test]
    public void FreeForm_IsTheMeanOfRouge_OfTheTaggedText() =>
        AnswerVerifier.Verify(new AnswerReference("police killed the gunman", AnswerKind.FreeForm), "<think>the cat</think><answer>the gunman kill police</answer>")
            .Score.Should().BeApproximately(Rouge.Mean("police killed the gunman", "the gunman kill police"), 1e-12);

    [Test]
    public void Verify_IsCorrect_OnlyWithAScoreOf1()
    {
        var reference = new AnswerReference("10", AnswerKind.Regression);
        AnswerVerifier.Verify(reference, "<answer>10</answer>").IsCorrect.Should().BeTrue();
        AnswerVerifier.Verify(reference, "<answer>9.9999</answer>").IsCorrect.Should().BeFalse();
    }

    [TestCase(AnswerKind.Numerical, "no number")]
    [TestCase(AnswerKind.FreeForm, "  ")]
    public void Verify_WithoutAnAnswer_IsUnparsed(AnswerKind kind, string output) =>
        AnswerVerifier.Verify(new AnswerReference("3", kind), output).IsParsed.Should().BeFalse();

    [Test]
    public void Check_OfAReferenceThatIsNoNumber_SaysSo() =>
        FluentActions.Invoking(() => GradedAnswers.Check(AnswerKind.Regression, "a few")).Should().Throw<FormatException>().WithMessage("*'a few' is no number*");

    [TestCase("multiple choice", AnswerKind.MultipleChoice)]
    [TestCase("multiple-choice", AnswerKind.MultipleChoice)]
    [TestCase("numerical", AnswerKind.Numerical)]
    [TestCase("OCR", AnswerKind.Transcript)]
    [TestCase("free-form", AnswerKind.FreeForm)]
    [TestCase("regression", AnswerKind.Regression)]
    public void OfProblem_KnowsTheTypesOfVideoR1(string type, AnswerKind kind) => AnswerKinds.OfProblem(type).Should().Be(kind);
}
