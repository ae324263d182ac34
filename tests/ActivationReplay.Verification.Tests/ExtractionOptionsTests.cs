using ActivationReplay.Verification.Equality;
using ActivationReplay.Verification.Extraction;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Verification.Tests;

/// <summary>Settings of where answers are looked for, each beside the usual way.</summary>
public sealed class ExtractionOptionsTests
{
    [TestCase("5", "It must be 5.", false)]
    [TestCase("5", "It must be $5$.", false)]
    [TestCase("5", "The answer is 5.", true)]
    [TestCase("5", @"\boxed{5}", true)]
    [TestCase("red", "It is red.", false)]
    [TestCase("red", "The answer is red.", true)]
    [TestCase("yes", "Yes, it is.", false)]
    public void NeedsAnchor_TakesAnnouncedAnswersAlone(string reference, string output, bool isRight) =>
        Both(reference, output, new ExtractionOptions { NeedsAnchor = true }).Should().Be((true, isRight));

    [TestCase("5", @"The answer is 6. \boxed{5}", false)]
    [TestCase("red", @"\boxed{red}", false)]
    [TestCase("5", "The answer is 5.", true)]
    public void ReadsBoxes_False_DoesNot(string reference, string output, bool isRight) =>
        Both(reference, output, new ExtractionOptions { ReadsBoxes = false }).Should().Be((true, isRight));

    [TestCase("5", @"The answer is 5, as $\frac{$ shows", false)]
    [TestCase("5", "The answer is 5.", true)]
    public void TriesFirstAlone_EndsWithTheFirst(string reference, string output, bool isRight) =>
        Both(reference, output, new ExtractionOptions { TriesFirstAlone = true }).Right.Should().Be(isRight);

    [TestCase("red", "red", false)]
    [TestCase("5", "5.0", true)]
    public void ComparesTexts_False_ComparesFormulasAlone(string reference, string output, bool isRight) =>
        Both(reference, output, new ExtractionOptions { ComparesTexts = false }).Should().Be((true, isRight));

    [TestCase("Left", "the left one", false)]
    [TestCase("Left", "the Left one", true)]
    public void IgnoresCase_False_TakesWordsAsTheyAre(string reference, string output, bool isRight)
    {
        string[] words = ["Left", "Right"];

        StringAnswers.Verify(reference, output, words).IsCorrect.Should().BeTrue();
        StringAnswers.Verify(reference, output, words, new ExtractionOptions { IgnoresCase = false }).IsCorrect.Should().Be(isRight);
    }

    [TestCase("[2,5)", @"$2 \le x < 5$", null, true)]
    [TestCase("[2,5)", @"$2 \le x < 5$", false, false)]
    [TestCase("(2,5)", "$2 < x < 5$", null, false)]
    [TestCase("(2,5)", "$2 < x < 5$", true, true)]
    public void ComparesSetsWithRelations_Null_WhereTheReferenceIsNoPair(string reference, string output, bool? compares, bool isRight) =>
        MathAnswers.Verify(reference, output, options: new EqualityOptions { ComparesSetsWithRelations = compares }).IsCorrect.Should().Be(isRight);

    private static (bool Usual, bool Right) Both(string reference, string output, ExtractionOptions options) =>
        (MathAnswers.Verify(reference, output).IsCorrect, MathAnswers.Verify(reference, output, options).IsCorrect);
}
