using ActivationReplay.Text;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Text;

public sealed class CanonicalCompositionTests
{
    [TestCase("e\u0301", "\u00E9")]
    [TestCase("x\u0327\u0301", "x\u0327\u0301", TestName = "Nothing composes")]
    [TestCase("q\u0307\u0323", "q\u0323\u0307", TestName = "Marks are ordered by class")]
    [TestCase("a\u0301\u0323", "\u1EA1\u0301", TestName = "A mark below composes before one above")]
    [TestCase("\u212B\u2126\uF900", "\u00C5\u03A9\u8C48", TestName = "Singletons decompose")]
    [TestCase("\u0958\u0344", "\u0915\u093C\u0308\u0301", TestName = "Exclusions do not recompose")]
    [TestCase("\u1112\u1161\u11AB\uAC00\u11A8", "\uD55C\uAC01", TestName = "Hangul letters join")]
    [TestCase("\uAC00\u11A7", "\uAC00\u11A7", TestName = "The filler before the tails is no tail")]
    [TestCase("\U00011935\U00011930", "\U00011935\U00011930", TestName = "Unicode 13's compositions are unknown to Unicode 9")]
    [TestCase("a\u1DF9\u0301", "a\u1DF9\u0301", TestName = "Unicode 10's marks are starters to Unicode 9")]
    public void Normalize_OfKnownTexts_IsFormC(string text, string expected) =>
        CanonicalComposition.Normalize(text).Should().Be(expected);

    [Test]
    public void Normalize_IsIdempotent()
    {
        foreach (var text in RandomTexts.From(seed: 4, count: 3000))
        {
            var once = CanonicalComposition.Normalize(text);

            CanonicalComposition.Normalize(once).Should().Be(once);
        }
    }

    [Test]
    public void Normalize_OfStableText_IsTheSameString()
    {
        const string Text = "déjà vu, Ωmega, 數學, 한국어, ệ";

        CanonicalComposition.Normalize(Text).Should().BeSameAs(Text);
    }
}
