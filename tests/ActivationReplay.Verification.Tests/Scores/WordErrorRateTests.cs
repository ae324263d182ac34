using ActivationReplay.Verification.Scores;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Verification.Tests.Scores;

public sealed class WordErrorRateTests
{
    [TestCase("the cat sat", "the cat sat", 0)]
    [TestCase("the cat sat", "the bat sat", 1.0 / 3)] // one replaced
    [TestCase("the cat sat", "cat sat", 1.0 / 3)] // one missing
    [TestCase("the cat sat", "the cat sat down", 1.0 / 3)] // one too many
    [TestCase("the cat sat", "", 1)]
    [TestCase("one", "a b c", 3)]
    [TestCase("", "a b", 2)]
    [TestCase("", "", 0)]
    [TestCase("Stop sign", "STOP sign", 0.5)] // as they are
    [TestCase("4 7 1", " 4\n7\t1 ", 0)]
    [TestCase("4 7 1", "4 1 7", 2.0 / 3)]
    public void Of_CountsTheFewestEdits(string reference, string text, double expected) =>
        WordErrorRate.Of(reference, text).Should().BeApproximately(expected, 1e-12);
}
