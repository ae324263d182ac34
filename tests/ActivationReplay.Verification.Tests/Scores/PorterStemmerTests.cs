using ActivationReplay.Verification.Scores;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Verification.Tests.Scores;

public sealed class PorterStemmerTests
{
    // Words of every suffix, with the stems that NLTK 3.8 gives them: nltk.stem.porter.PorterStemmer().stem(word).
    [Test]
    public void Stem_IsNltks_ForRecordedWords() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Scores", "porter-stems.txt"))
            .Select(line => line.Split(' '))
            .Where(pair => PorterStemmer.Stem(pair[0]) != pair[1])
            .Select(pair => $"{pair[0]}: {PorterStemmer.Stem(pair[0])} for {pair[1]}")
            .Should().BeEmpty();

    [TestCase(1)]
    [TestCase(50_000)]
    public void Stem_OfOneLetterRepeated_IsThatOfItsLength(int length)
    {
        var word = new string('y', length);
        PorterStemmer.Stem(word).Should().HaveLength(length);
    }
}
