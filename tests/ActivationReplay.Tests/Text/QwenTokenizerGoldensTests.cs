using ActivationReplay.Text;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Text;

/// <summary>Ids and texts are exactly Hugging Face's.</summary>
public sealed class QwenTokenizerGoldensTests
{
    private static readonly string[] s_folders = ["pairs/a/base", "pairs/trained/base", TextGoldens.Qwen];

    [Test]
    public void Encode_OfRecordedTexts_EqualsHuggingFace() =>
        ShouldEncode(TextGoldens.Tokenizer(TextGoldens.Qwen), TextGoldens.Prepared());

    [Test]
    public void Decode_OfRecordedIds_EqualsHuggingFace() =>
        ShouldDecode(TextGoldens.Tokenizer(TextGoldens.Qwen), TextGoldens.Prepared());

    [TestCaseSource(nameof(s_folders))]
    public void Encode_OfRandomTexts_EqualsHuggingFace(string folder) =>
        ShouldEncode(TextGoldens.Tokenizer(folder), TextGoldens.Random()[folder]);

    [TestCaseSource(nameof(s_folders))]
    public void Decode_OfRandomIds_EqualsHuggingFace(string folder) =>
        ShouldDecode(TextGoldens.Tokenizer(folder), TextGoldens.Random()[folder]);

    [Test]
    public void VocabularySize_OfQwens_IsTheRecordedOne() =>
        TextGoldens.Tokenizer(TextGoldens.Qwen).VocabularySize.Should().Be(151669);

    [TestCaseSource(typeof(Goldens), nameof(Goldens.Cases))]
    public void Encode_OfPrompt_GivesInputIds(string name)
    {
        var golden = GoldenCase.Read(name);
        var tokenizer = TextGoldens.TokenizerOf(golden.Pair);
        int[] placeholders = [IdOf(tokenizer, "<|image_pad|>"), IdOf(tokenizer, "<|video_pad|>")];

        // The recorded ids have a run of placeholders for each medium, the prompt has one.
        var collapsed = golden.InputIds.Where((id, index) =>
            index == 0 || id != golden.InputIds[index - 1] || !placeholders.Contains(id));

        tokenizer.Encode(golden.Prompt).Should().Equal(collapsed);
    }

    [TestCaseSource(typeof(Goldens), nameof(Goldens.Cases))]
    public void Decode_OfGreedyIds_GivesGreedyText(string name)
    {
        var golden = GoldenCase.Read(name);
        var tokenizer = TextGoldens.TokenizerOf(golden.Pair);

        golden.Greedy.Should().HaveCount(2);
        golden.Greedy.Should().AllSatisfy(run => tokenizer.Decode(run.Ids).Should().Be(run.Text));
    }

    private static int IdOf(QwenTokenizer tokenizer, string token) =>
        tokenizer.TryGetId(token, out var id) ? id : throw new KeyNotFoundException(token);

    private static void ShouldEncode(QwenTokenizer tokenizer, RecordedText[] texts)
    {
        texts.Should().HaveCountGreaterThan(100);
        foreach (var recorded in texts)
        {
            tokenizer.Encode(recorded.Text).Should().Equal(recorded.Ids, "that is the recording of {0}", recorded.Text);
        }
    }

    private static void ShouldDecode(QwenTokenizer tokenizer, RecordedText[] texts)
    {
        texts.Should().HaveCountGreaterThan(100);
        foreach (var recorded in texts)
        {
            var ids = recorded.Decode ?? recorded.Ids;
            tokenizer.Decode(ids, skipSpecialTokens: false).Should().Be(recorded.Decoded);
            tokenizer.Decode(ids).Should().Be(recorded.DecodedPlain);
        }
    }
}
