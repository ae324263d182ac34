using ActivationReplay.Text;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Text;

public sealed class StreamedTextTests
{
    [Test]
    public void Texts_PutTogether_AreTheDecodedIds_AndNeverPartOfACharacter()
    {
        var tokenizer = TextGoldens.Tokenizer("pairs/a/base");
        foreach (var text in RandomTexts.From(seed: 3, count: 500).Select(t => t.Replace('\uFFFD', '?')))
        {
            var ids = tokenizer.Encode(text);
            var streamed = new StreamedText(tokenizer);
            var parts = ids.Select((id, i) => streamed.Add(id, isLast: i == ids.Count - 1)).ToList();

            string.Concat(parts).Should().Be(tokenizer.Decode(ids));
            parts.Should().NotContain(part => part.Contains('\uFFFD'));
        }
    }

    [Test]
    public void Add_OfACutCharacter_WaitsForItsEndOrTheLastToken()
    {
        var tokenizer = TextGoldens.Tokenizer("pairs/a/base");
        var ids = tokenizer.Encode("\U00012345"); // a rare character of several tokens
        ids.Count.Should().BeGreaterThan(1);
        var streamed = new StreamedText(tokenizer);

        streamed.Add(ids[0], isLast: false).Should().BeEmpty();
        streamed.Add(ids[0], isLast: true).Should().Be(tokenizer.Decode([ids[0], ids[0]]));
    }
}
