using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ActivationReplay.Text;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Text;

public sealed partial class QwenPreTokenizerTests
{
    [Test]
    public void WordLength_OnPlaneZero_EqualsTheRegularExpression()
    {
        foreach (var text in RandomTexts.From(seed: 3, count: 5000))
        {
            // .NET's Regex sees halves of characters beyond U+FFFF, and does not fold the long s.
            var plain = string.Concat(text.EnumerateRunes().Where(rune => rune.IsBmp && rune.Value != 0x17F));

            Words(plain).Should().Equal(Pattern().Matches(plain).Select(match => match.Value));
        }
    }

    [TestCase("I'll", "I", "'ll")]
    [TestCase("IT'S'VE", "IT", "'S", "'VE")]
    [TestCase("it'\u017F", "it", "'\u017F")]
    [TestCase("'tis 'x", "'t", "is", " '", "x")]
    [TestCase("12 3", "1", "2", " ", "3")]
    [TestCase("a  b \n c", "a", " ", " b", " \n", " c")]
    [TestCase("x  ", "x", "  ")]
    [TestCase(" ...\r\n\n y", " ...\r\n\n", " y")]
    [TestCase("𠮷野 😀😀𝟙", "𠮷野", " 😀😀", "𝟙")]
    [TestCase("😀a", "😀a")]
    public void WordLength_OfKnownTexts_IsThePatterns(string text, params string[] words) => Words(text).Should().Equal(words);

    // Counted with Oniguruma as tokenizers 0.22.2 has it (Unicode 16). A .NET with other data would give other ids.
    [TestCase(@"\p{L}", 141028)]
    [TestCase(@"\p{N}", 1911)]
    [TestCase(@"\s", 25)]
    public void Unicode_HasAsManyCharactersAsOniguruma(string symbol, int count)
    {
        var runes = Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(value => new Rune(value));

        runes.Count(rune => symbol switch
        {
            @"\p{L}" => Rune.GetUnicodeCategory(rune) <= UnicodeCategory.OtherLetter,
            @"\p{N}" => Rune.GetUnicodeCategory(rune) is >= UnicodeCategory.DecimalDigitNumber and <= UnicodeCategory.OtherNumber,
            _ => Rune.IsWhiteSpace(rune),
        }).Should().Be(count);
    }

    private static List<string> Words(string text)
    {
        var words = new List<string>();
        while (text.Length > 0)
        {
            var length = QwenPreTokenizer.WordLength(text);
            words.Add(text[..length]);
            text = text[length..];
        }

        return words;
    }

    [GeneratedRegex(QwenPreTokenizer.Pattern, RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
