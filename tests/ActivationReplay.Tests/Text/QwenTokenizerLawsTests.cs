using System.Text;
using ActivationReplay.Text;
using FluentAssertions;
using Microsoft.ML.Tokenizers;
using NUnit.Framework;

namespace ActivationReplay.Tests.Text;

public sealed class QwenTokenizerLawsTests
{
    private static readonly string[] s_specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|image_pad|>"];

    [Test]
    public void Decode_OfEncoded_IsTheTextInFormC()
    {
        foreach (var text in RandomTexts.From(seed: 1, count: 2000))
        {
            RoundTrip("pairs/a/base", text).Should().Be(CanonicalComposition.Normalize(text));
            RoundTrip("pairs/trained/base", text).Should().Be(text, "that tokenizer has no normaliser");
        }
    }

    [TestCaseSource(nameof(s_specials))]
    public void Encode_OfSpecialToken_IsItsId(string token)
    {
        foreach (var tokenizer in TextGoldens.All)
        {
            tokenizer.TryGetId(token, out var id).Should().BeTrue();
            tokenizer.IsSpecial(id).Should().BeTrue();
            tokenizer.Encode(token).Should().Equal(id);
            tokenizer.Encode($"{token}{token}").Should().Equal(id, id);
            tokenizer.Decode([id]).Should().BeEmpty();
            tokenizer.Decode([id], skipSpecialTokens: false).Should().Be(token);
        }
    }

    [Test]
    public void Decode_KeepsAddedTokensThatAreNotSpecial()
    {
        var tokenizer = TextGoldens.Tokenizer("pairs/a/base");

        tokenizer.TryGetId("<tool_call>", out var id).Should().BeTrue();

        tokenizer.IsSpecial(id).Should().BeFalse();
        tokenizer.Decode([id]).Should().Be("<tool_call>");
    }

    [Test]
    public void Decode_LeavesOutIdsBeyondTheVocabulary()
    {
        var tokenizer = TextGoldens.Tokenizer("pairs/a/base");
        var ids = tokenizer.Encode("five");

        tokenizer.Decode([-1, .. ids, tokenizer.VocabularySize, int.MaxValue]).Should().Be("five");
    }

    [Test]
    public void TryGetId_OfOrdinaryToken_IsFalse() =>
        TextGoldens.Tokenizer("pairs/a/base").TryGetId("th", out _).Should().BeFalse();

    [Test]
    public void Encode_TakesLoneSurrogatesAsReplacementCharacters()
    {
        foreach (var lone in (char[])['\uD800', '\uDC00', '\uFFFD']) // attributes cannot hold them
        {
            RoundTrip("pairs/a/base", $"a{lone}b").Should().Be("a\uFFFDb");
            RoundTrip("pairs/a/base", $"😀{lone}").Should().Be("😀\uFFFD");
        }
    }

    [Test]
    public void Encode_FromSeveralThreads_IsTheSame()
    {
        var tokenizer = TextGoldens.Tokenizer("pairs/a/base");
        var texts = RandomTexts.From(seed: 5, count: 500).ToArray();
        var expected = texts.Select(text => tokenizer.Encode(text)).ToArray();

        var found = texts.AsParallel().AsOrdered().WithDegreeOfParallelism(4).Select(text => tokenizer.Encode(text)).ToArray();

        found.Should().BeEquivalentTo(expected, options => options.WithStrictOrdering());
    }

    // The library alone takes 4 to 8 s for each; the limit is loose for a busy machine.
    [TestCase("a"), TestCase("中"), TestCase("\u0301"), TestCase("😀"), TestCase(" "), TestCase("="), CancelAfter(4000)]
    public void Encode_OfHundredThousandTimesTheSame_IsNotQuadratic(string piece, CancellationToken limit)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 100_000));

        RoundTrip("pairs/a/base", text).Should().Be(text);

        limit.IsCancellationRequested.Should().BeFalse();
    }

    [Test]
    public void LongWordMerger_EqualsTheLibrary()
    {
        var file = TokenizerFile.Read(Goldens.CarriedPathOf("pairs", "a", "base"));
        var library = BpeTokenizer.Create(new BpeOptions(file.Vocabulary) { Merges = file.Merges, ByteLevel = true });
        var merger = new LongWordMerger(file.Vocabulary, file.Merges);
        var random = new Random(2);
        string[] words = ["there", "in", "an", "square", "circle", "e", "s", "t", "ring", "中", "é"];

        foreach (var _ in Enumerable.Range(0, 2000))
        {
            var word = string.Concat(random.GetItems(words, random.Next(1, 30)));
            var ids = new List<int>();
            merger.Merge(Encoding.UTF8.GetBytes(word), ids);
            ids.Should().Equal(library.EncodeToIds(word, considerPreTokenization: false));
        }
    }

    private static string RoundTrip(string folder, string text)
    {
        var tokenizer = TextGoldens.Tokenizer(folder);
        return tokenizer.Decode(tokenizer.Encode(text));
    }
}
