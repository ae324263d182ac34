using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Verification.Tests;

public sealed class AnswerVerifierTests
{
    [TestCase(@"\boxed{12}", true)]
    [TestCase("The answer is 12.", true)]
    [TestCase(@"\boxed{13}", false)]
    [TestCase("twelve", false)]
    public void AnOpenQuestion_IsJudgedAsMathematics(string output, bool isCorrect) =>
        AnswerVerifier.Verify(new AnswerReference("12"), output).IsCorrect.Should().Be(isCorrect);

    [TestCase("blue", "B", true)]
    [TestCase("The answer is A", "A", false)]
    [TestCase("no idea", null, false)]
    public void AMultipleChoice_IsJudgedByItsOptions(string output, string? letter, bool isCorrect)
    {
        var question = new AnswerReference(
            "B", AnswerKind.MultipleChoice, new Dictionary<string, string> { ["A"] = "red", ["B"] = "blue" });

        var verdict = AnswerVerifier.Verify(question, output);

        verdict.Text.Should().Be(letter);
        verdict.IsCorrect.Should().Be(isCorrect);
    }

    [TestCase("Yes, there is one.", "yes", true)]
    [TestCase("There is none. The answer is no.", "no", false)]
    [TestCase(@"No... \boxed{yes}", "yes", true)]
    [TestCase("maybe", null, false)]
    public void AYesNoQuestion_IsJudgedByItsLastWord(string output, string? answer, bool isCorrect)
    {
        var verdict = AnswerVerifier.Verify(new AnswerReference("Yes", AnswerKind.YesNo), output);

        verdict.Text.Should().Be(answer);
        verdict.IsCorrect.Should().Be(isCorrect);
    }
}
