using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Verification.Tests.OpenAnswers;

/// <summary>Yes and no in sentences: as an answer, not as a word of another.</summary>
public sealed class YesNoInSentencesTests
{
    // Right.
    [TestCase("yes", "Yes, it does.", true)]
    [TestCase("yes", "Yes, because the bar is taller.", true)]
    [TestCase("no", "No, it isn't.", true)]
    [TestCase("yes", "I would say yes.", true)]
    [TestCase("yes", "So, yes.", true)]
    [TestCase("yes", "Yes - it is taller.", true)]
    [TestCase("no", "There is no dog in the picture.", true)]
    [TestCase("no", "No dogs are visible.", true)]
    [TestCase("yes", "Yes, there is no other car.", true)]
    [TestCase("yes", "No. Wait, actually yes.", true)]
    [TestCase("yes", "The answer is: **Yes**", true)]
    [TestCase("yes", "是的，它更高。", true)]
    [TestCase("no", "不是，它更矮。", true)]
    [TestCase("yes", "<answer>Yes, it is</answer>", true)]
    [TestCase("yes", @"\boxed{\text{Yes, it is}}", true)]
    [TestCase("yes", "Is the bar taller? Yes.", true)]
    [TestCase("yes", "Yes! The left one.", true)]
    [TestCase("no", "Nope.", true)]
    [TestCase("no", "No it does not", true)]
    [TestCase("true", "True, because it is.", true)]
    [TestCase("true", "The statement is true.", true)]

    // Wrong.
    [TestCase("yes", "Yes and no.", false)]
    [TestCase("yes", "No, although the sign says yes.", false)]
    [TestCase("no", "The answer is not yes.", false)]
    [TestCase("yes", "Maybe yes, maybe no.", false)]
    [TestCase("yes", "It could be yes.", false)]
    [TestCase("yes", "I cannot tell whether it is yes or no.", false)]
    [TestCase("no", "There is no way to tell.", false)]
    [TestCase("no", "No idea.", false)]
    [TestCase("no", "Yes, there is no other car.", false)]
    [TestCase("no", "No. Wait, actually yes.", false)]
    [TestCase("yes", "The sign says yes.", false)]
    [TestCase("no", "not yes", false)]
    [TestCase("true", "False. The statement is not true.", false)]
    [TestCase("false", "The statement is true.", false)]
    public void AnAnswerIsYesOrNo_WhereItSaysSoAlone(string reference, string output, bool isRight) =>
        MathAnswers.Verify(reference, output).IsCorrect.Should().Be(isRight);

    [TestCase("Yes", "The bars show 3 and 4, therefore the answer must be yes.", true)]
    public void AYesNoQuestion_IsJudgedByTheSameRules(string reference, string output, bool isRight) =>
        AnswerVerifier.Verify(new AnswerReference(reference, AnswerKind.YesNo), output).IsCorrect.Should().Be(isRight);
}
