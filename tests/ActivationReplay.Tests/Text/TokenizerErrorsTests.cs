using System.Text.Json.Nodes;
using ActivationReplay.Text;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Text;

/// <summary>What is not supported is refused with the path, the key and what would be right.</summary>
public sealed class TokenizerErrorsTests
{
    [TestCase("model.type", "\"WordPiece\"", "BPE")]
    [TestCase("model.byte_fallback", "true", "False")]
    [TestCase("model.ignore_merges", "true", "False")]
    [TestCase("model.dropout", "0.1", "null")]
    [TestCase("model.end_of_word_suffix", "\"</w>\"", "null")]
    [TestCase("model.vocab", "[]", "Object")]
    [TestCase("model.vocab", "{\"a\": 0}", "256")]
    [TestCase("model.merges[0]", "[\"th\", \"zz\"]", "two tokens")]
    [TestCase("model.merges[1]", "\"t  h\"", "two tokens")]
    [TestCase("normalizer.type", "\"NFKC\"", "NFC")]
    [TestCase("decoder.type", "\"Metaspace\"", "ByteLevel")]
    [TestCase("post_processor.type", "\"TemplateProcessing\"", "ByteLevel")]
    [TestCase("pre_tokenizer.type", "\"Metaspace\"", "Sequence")]
    [TestCase("pre_tokenizer.pretokenizers[0].pattern.Regex", "\"\\\\w+\"", @"\p{L}")]
    [TestCase("pre_tokenizer.pretokenizers[0].behavior", "\"Removed\"", "Isolated")]
    [TestCase("pre_tokenizer.pretokenizers[1].use_regex", "true", "False")]
    [TestCase("added_tokens[0].lstrip", "true", "exact text")]
    [TestCase("added_tokens[2].single_word", "true", "exact text")]
    [TestCase("added_tokens[1].id", "\"x\"", "Number")]
    public void Load_OfUnsupportedContent_NamesPathAndKey(string key, string value, string remedy)
    {
        using var folder = new TemporaryFolder();
        var json = JsonNode.Parse(File.ReadAllText(Goldens.CarriedPathOf("pairs", "a", "base", "tokenizer.json")))!;
        Replace(json, key, JsonNode.Parse(value));
        var path = folder.Write("tokenizer.json", json.ToJsonString());

        var error = FluentActions.Invoking(() => QwenTokenizer.Load(folder.FullName)).Should().Throw<TokenizerException>().Which;

        error.Path.Should().Be(path);
        error.Key.Should().Be(key);
        error.Message.Should().Contain(path).And.Contain(key).And.Contain(remedy);
    }

    [TestCase("{\"model\": ")]
    [TestCase("[]")]
    [TestCase("{\"model\": {\"vocab\": {\"\\uD800\": 1}}}")]
    public void Load_OfBrokenFile_NamesPath(string text)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("tokenizer.json", text);

        FluentActions.Invoking(() => QwenTokenizer.Load(folder.FullName)).Should().Throw<TokenizerException>().Which.Path.Should().Be(path);
    }

    [Test]
    public void Load_OfMissingFile_NamesPath() =>
        FluentActions.Invoking(() => QwenTokenizer.Load(Goldens.PathOf("pairs"))).Should().Throw<TokenizerException>()
            .WithMessage("*tokenizer.json*no such file*");

    [Test]
    public void Load_OfSharedId_IsRefused() => FluentActions.Invoking(() => LoadChanged(json => json["model"]!["vocab"]!["!"] = 1))
        .Should().Throw<TokenizerException>().Which.Key.Should().Be("model.vocab");

    [Test]
    public void Load_TakesMergesAsPairsAndAsStrings()
    {
        var spaced = LoadChanged(json => json["model"]!["merges"] = new JsonArray(
            [.. json["model"]!["merges"]!.AsArray().Select(merge => (JsonNode)$"{merge![0]} {merge[1]}")]));

        spaced.Encode("the square there").Should().Equal(TextGoldens.Tokenizer("pairs/a/base").Encode("the square there"));
    }

    [Test]
    public void Load_TakesAddedTokensOfTheConfiguration()
    {
        using var folder = WithTokenizer();
        folder.Write("tokenizer_config.json", """{"added_tokens_decoder": {"467": {"content": "<answer>", "normalized": true}}}""");

        var tokenizer = QwenTokenizer.Load(folder.FullName);

        tokenizer.Encode("<answer>")[0].Should().Be(467);
        tokenizer.IsSpecial(467).Should().BeFalse();
        tokenizer.VocabularySize.Should().Be(468);
    }

    // transformers gives each that tokenizer.json lacks the next id, or the vocabulary's where it is a word of it.
    [TestCase("""{"extra_special_tokens": ["<a>", "<|im_end|>", "<b>"], "eos_token": "<c>"}""", "<c>", "<a>", "<b>")]
    [TestCase("""{"additional_special_tokens": [{"content": "<a>", "lstrip": false}, null], "pad_token": null}""", "<a>")]
    [TestCase("""{"extra_special_tokens": {"image_token": "<a>"}, "bos_token": {"content": "<b>"}, "unk_token": ""}""", "<b>", "<a>")]
    [TestCase("""{"model_specific_special_tokens": {"image_token": "<|image_pad|>"}, "extra_special_tokens": []}""")]
    public void Load_TakesSpecialTokensThatAreNamedOnly(string config, params string[] added)
    {
        using var folder = WithTokenizer();
        folder.Write("tokenizer_config.json", config);
        var first = TextGoldens.Tokenizer("pairs/a/base").VocabularySize;

        var tokenizer = QwenTokenizer.Load(folder.FullName);

        tokenizer.VocabularySize.Should().Be(first + added.Length);
        foreach (var (index, token) in added.Index())
        {
            tokenizer.Encode(token).Should().Equal(first + index);
            tokenizer.IsSpecial(first + index).Should().BeTrue();
        }
    }

    [Test]
    public void Load_OfASpecialTokenInTheVocabulary_KeepsItsId()
    {
        using var folder = WithTokenizer();
        folder.Write("tokenizer_config.json", """{"extra_special_tokens": ["q"]}""");
        var plain = TextGoldens.Tokenizer("pairs/a/base");

        var tokenizer = QwenTokenizer.Load(folder.FullName);

        tokenizer.VocabularySize.Should().Be(plain.VocabularySize);
        tokenizer.Encode("q").Should().Equal(plain.Encode("q"));
        tokenizer.IsSpecial(tokenizer.Encode("q")[0]).Should().BeTrue();
    }

    [TestCase("""{"eos_token": 3}""", "eos_token")]
    [TestCase("""{"extra_special_tokens": ["<a>", true]}""", "extra_special_tokens[1]")]
    public void Load_OfABrokenSpecialToken_NamesPathAndKey(string config, string key)
    {
        using var folder = WithTokenizer();
        var path = folder.Write("tokenizer_config.json", config);

        var error = FluentActions.Invoking(() => QwenTokenizer.Load(folder.FullName)).Should().Throw<TokenizerException>().Which;

        (error.Path, error.Key).Should().Be((path, key));
    }

    private static TemporaryFolder WithTokenizer()
    {
        var folder = new TemporaryFolder();
        File.Copy(Goldens.CarriedPathOf("pairs", "a", "base", "tokenizer.json"), Path.Combine(folder.FullName, "tokenizer.json"));
        return folder;
    }

    private static QwenTokenizer LoadChanged(Action<JsonNode> change)
    {
        using var folder = new TemporaryFolder();
        var json = JsonNode.Parse(File.ReadAllText(Goldens.CarriedPathOf("pairs", "a", "base", "tokenizer.json")))!;
        change(json);
        folder.Write("tokenizer.json", json.ToJsonString());
        return QwenTokenizer.Load(folder.FullName);
    }

    private static void Replace(JsonNode root, string key, JsonNode? value)
    {
        var parts = key.Replace("[", ".", StringComparison.Ordinal).Replace("]", string.Empty, StringComparison.Ordinal).Split('.');
        var holder = parts[..^1].Aggregate(root, (node, part) => int.TryParse(part, out var index) ? node[index]! : node[part]!);
        if (int.TryParse(parts[^1], out var last))
        {
            holder[last] = value;
        }
        else
        {
            holder[parts[^1]] = value;
        }
    }
}
