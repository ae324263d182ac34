using ActivationReplay.Verification.Scores;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Verification.Tests.Scores;

public sealed class RougeTests
{
    private const double Rounding = 1e-12;

    // Counted by hand. Reference: the quick brown fox jump over the lazi dog (9 words); text: the quick brown dog jump on the log (8).
    // Common words: the ×2, quick, brown, jump, dog: 6; common pairs: the quick, quick brown: 2 of 8 and 7;
    // longest common subsequence: the quick brown jump the, 5.
    [TestCase(1, 2 * (6.0 / 8) * (6.0 / 9) / ((6.0 / 8) + (6.0 / 9)))]
    [TestCase(2, 2 * (2.0 / 7) * (2.0 / 8) / ((2.0 / 7) + (2.0 / 8)))]
    [TestCase(3, 2 * (1.0 / 6) * (1.0 / 7) / ((1.0 / 6) + (1.0 / 7)))]
    public void N_OfTheExampleOfTheScorersReadme_IsAsCounted(int n, double expected) =>
        Rouge.N("The quick brown fox jumps over the lazy dog", "The quick brown dog jumps on the log.", n)
            .Should().BeApproximately(expected, Rounding);

    [Test]
    public void L_OfTheExampleOfTheScorersReadme_IsAsCounted() =>
        Rouge.L("The quick brown fox jumps over the lazy dog", "The quick brown dog jumps on the log.")
            .Should().BeApproximately(2 * (5.0 / 8) * (5.0 / 9) / ((5.0 / 8) + (5.0 / 9)), Rounding);

    // Lin (2004), section 3.2: "police killed the gunman" against S2 "police kill the gunman" and S3 "the gunman kill police":
    // without stems the LCS are 3 and 2 of 4; with stems killed is kill, so S2 is equal.
    [TestCase("police kill the gunman", 1.0)]
    [TestCase("the gunman kill police", 0.5)]
    [TestCase("the gunman police killed", 0.5)]
    public void L_OfLinsExample_SeesTheOrder(string text, double expected) =>
        Rouge.L("police killed the gunman", text).Should().BeApproximately(expected, Rounding);

    [TestCase("", "")]
    [TestCase("a cat", "")]
    [TestCase("", "a cat")]
    [TestCase("cat", "dog")]
    [TestCase("猫", "猫")] // no word of a to z
    public void Mean_WithoutCommonWords_Is0(string reference, string text) => Rouge.Mean(reference, text).Should().Be(0);

    [Test]
    public void N_CountsARepeatedWordAsOftenAsBothHaveIt() =>
        Rouge.N("the cat", "the the the the", 1).Should().BeApproximately(2 * 0.25 * 0.5 / 0.75, Rounding);

    [Test]
    public void Mean_OfOneWord_IsTwoThirds() => Rouge.Mean("Cats", "cat").Should().BeApproximately(2.0 / 3, Rounding);

    [Test]
    public void Mean_IsThatOfTheThree()
    {
        const string Reference = "A circle moves left, then it blinks twice.";
        const string Text = "The circle moved left and blinks two times";
        Rouge.Mean(Reference, Text).Should().BeApproximately(
            (Rouge.N(Reference, Text, 1) + Rouge.N(Reference, Text, 2) + Rouge.L(Reference, Text)) / 3, Rounding);
    }
}
