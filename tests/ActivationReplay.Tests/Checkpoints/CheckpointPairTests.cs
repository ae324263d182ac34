using System.Text.Json.Nodes;
using ActivationReplay.Checkpoints;
using FluentAssertions;
using FluentAssertions.Specialized;
using NUnit.Framework;
using static ActivationReplay.Tests.Checkpoints.TinyCheckpoint;

namespace ActivationReplay.Tests.Checkpoints;

public sealed class CheckpointPairTests
{
    private TempFolder _folder = null!;

    private string Base => _folder.PathOf("base");

    private string Rlvr => _folder.PathOf("rlvr");

    [SetUp]
    public void MakePair()
    {
        _folder = new TempFolder();
        foreach (var folder in new[] { Base, Rlvr })
        {
            Make(folder);
            CopyProcessor(folder);
        }
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("vocab_size", "500", "vocab_size is 500, but 480")]
    [TestCase("num_hidden_layers", "7", "num_hidden_layers is 7, but 6")]
    [TestCase("num_key_value_heads", "1", "num_key_value_heads is 1, but 2")]
    [TestCase("rope_theta", "10000", "rope_theta is 10000, but 1000000")]
    [TestCase("rms_norm_eps", "1e-5", "rms_norm_eps is 1E-05, but 1E-06")]
    [TestCase("image_token_id", "456", "image_token_id is 456, but 457")]
    [TestCase("vision_start_token_id", "1", "vision_start_token_id is 1, but 454")]
    public void Open_WithAnotherConfig_NamesTheFirstDifference(string key, string value, string message)
    {
        Change(Rlvr, "config.json", config => config[key] = JsonNode.Parse(value));

        Error().WithMessage($"{Path.Combine(Rlvr, "config.json")}: {message} in {Base}*");
    }

    [Test]
    public void Open_WithAnotherVisionTower_NamesTheKey()
    {
        Change(Rlvr, "config.json", config => config["vision_config"]!["fullatt_block_indexes"] = new JsonArray(1, 2));

        Error().WithMessage("*vision_config.fullatt_block_indexes is [1, 2], but [1, 3]*");
    }

    [Test]
    public void Open_WhereOnlyUnusedSettingsDiffer_Agrees()
    {
        Change(Rlvr, "config.json", config =>
        {
            config["transformers_version"] = "9.9";
            config["torch_dtype"] = "bfloat16";
            config["sliding_window"] = 4096;
            config["max_window_layers"] = 3;
            config["max_position_embeddings"] = 32768;
            config["use_cache"] = false;
            config["architectures"] = new JsonArray("Other");
        });

        Open().Notes.Should().BeEmpty();
    }

    [Test]
    public void Open_WithMoreVocabulary_NamesTheFirstToken()
    {
        Change(Rlvr, "tokenizer.json", tokenizer => tokenizer["model"]!["vocab"]!["new"] = 500);

        Error().WithMessage(
            $"*tokenizer.json: differs from the tokenizer of {Base} in its vocabulary: number 500 is \"new\", but absent in base*");
    }

    [Test]
    public void Open_WithOtherMerges_NamesTheFirst()
    {
        Change(Rlvr, "tokenizer.json", tokenizer => tokenizer["model"]!["merges"]!.AsArray().RemoveAt(0));

        Error().WithMessage("*tokenizer.json: differs*merges: number 0 is*");
    }

    [Test]
    public void Open_WithAnotherAddedToken_NamesIt()
    {
        Change(Rlvr, "tokenizer.json", tokenizer => tokenizer["added_tokens"]![0]!["content"] = "<|other|>");

        Error().WithMessage("*tokenizer.json: differs*added tokens: number*\"<|other|>\", but*");
    }

    [Test]
    public void Open_WithTheSameTokenizerInAnotherLayout_Agrees()
    {
        Change(Rlvr, "tokenizer.json", tokenizer =>
        {
            var model = tokenizer["model"]!;
            model["merges"] = new JsonArray([.. model["merges"]!.AsArray().Select(Turn)]);
            model["vocab"] = new JsonObject(model["vocab"]!.AsObject().Reverse()
                .Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value!.DeepClone())));
            tokenizer["version"] = "2.0";
        });

        Open().Notes.Should().BeEmpty();

        // Texts become pairs and pairs texts, whichever the recording has.
        static JsonNode? Turn(JsonNode? merge) => merge is JsonArray pair
            ? JsonValue.Create(string.Join(' ', pair.Select(part => part!.GetValue<string>())))
            : new JsonArray([.. merge!.GetValue<string>().Split(' ').Select(part => (JsonNode?)JsonValue.Create(part))]);
    }

    [TestCase("{}")]
    [TestCase("""{"model":{"vocab":{"a":0,"b":0},"merges":[]}}""")]
    [TestCase("""{"model":{"vocab":{"a":"x"},"merges":[]}}""")]
    [TestCase("""{"model":{"vocab":[],"merges":{}}}""")]
    public void Open_WithADamagedTokenizer_SaysWhatBelongsThere(string tokenizer)
    {
        File.WriteAllText(Path.Combine(Rlvr, "tokenizer.json"), tokenizer);

        Error().WithMessage($"{Path.Combine(Rlvr, "tokenizer.json")}: is no byte-pair tokenizer.json*");
    }

    [Test]
    public void Open_WithAWeightTooFewOrTooMany_NamesIt()
    {
        Write(Path.Combine(Rlvr, "model.safetensors"), (Embedding, [480, 64]));
        Error().WithMessage($"{Rlvr}: tensor {Norm}: is missing, but {Base} has it");

        Write(Path.Combine(Rlvr, "model.safetensors"), (Embedding, [480, 64]), (Norm, [64]), (Head, [480, 64]));
        Error().WithMessage($"{Rlvr}: tensor {Head}: is there, but {Base} has none");
    }

    [Test]
    public void Open_WithAWeightOfAnotherShape_NamesBoth()
    {
        Write(Path.Combine(Rlvr, "model.safetensors"), (Embedding, [480, 64]), (Norm, [65]));

        Error().WithMessage($"{Rlvr}: tensor {Norm}: has shape [65], but [64] in {Base}");
    }

    [Test]
    public void Open_WhereKeysHaveTheNewNames_Agrees()
    {
        Write(Path.Combine(Rlvr, "model.safetensors"), ("model.language_model.embed_tokens.weight", [480, 64]), ("model.language_model.norm.weight", [64]));

        Open().Rlvr.Weights.Select(weight => weight.Key).Should().Equal(Embedding, Norm);
    }

    [TestCase("tokenizer.json", "tokenizer.json")]
    [TestCase("preprocessor_config.json", "picture processor")]
    public void Open_WithoutAProcessorFileInRlvr_TakesBasesAndSaysSo(string file, string part)
    {
        File.Delete(Path.Combine(Rlvr, file));
        var pair = Open();

        pair.RlvrProcessorFolder.Should().Be(Base);
        pair.BaseProcessorFolder.Should().Be(Base);
        pair.Notes.Should().Contain($"rlvr has no {part}: base's is used");
    }

    [Test]
    public void Open_WithoutAnyProcessorFileInRlvr_NamesEachPart()
    {
        Directory.Delete(Rlvr, recursive: true);
        Make(Rlvr);

        Open().Notes.Should().Equal(
            "rlvr has no tokenizer.json: base's is used",
            "rlvr has no picture processor: base's is used",
            "rlvr has no chat template: base's is used");
    }

    [Test]
    public void Open_WhereHarmlessSettingsDiffer_NotesThem()
    {
        File.WriteAllText(Path.Combine(Rlvr, "generation_config.json"), """{"eos_token_id": 445}""");
        Change(Rlvr, "preprocessor_config.json", processor => processor["min_pixels"] = 99);

        Open().Notes.Should().HaveCount(2)
            .And.Contain(note => note.StartsWith("eos_token_id is [445] in rlvr, but [447] in base"))
            .And.Contain("picture processor of rlvr differs from base's: min_pixels 99, not 3136");
    }

    [Test]
    public void Open_WhereVideosAndTemplatesDiffer_NotesThem()
    {
        var path = Path.Combine(Rlvr, "video_preprocessor_config.json");
        File.WriteAllText(path, """{"size": {"shortest_edge": 3136, "longest_edge": 7840}}""");
        Change(Rlvr, "chat_template.json", file => file["chat_template"] = "other");

        Open().Notes.Should().Equal(
            "video processor of rlvr differs from base's: max_pixels 7840, not 501760",
            $"chat template of rlvr differs from base's: {Path.Combine(Rlvr, "chat_template.json")}");
    }

    [Test]
    public void Open_WhereATemplateIsNull_CountsItAsAbsent()
    {
        File.Delete(Path.Combine(Rlvr, "chat_template.json"));
        Change(Rlvr, "tokenizer_config.json", file => file["chat_template"] = null);

        Open().Notes.Should().Contain("rlvr has no chat template: base's is used");
    }

    [Test]
    public void Open_WithoutOneOfTheFolders_NamesIt()
    {
        Directory.Delete(Rlvr, recursive: true);

        Error().WithMessage($"{Rlvr}: there is no such folder*");
    }

    /// <summary>The pair, closed again when what it says has been read: files may then be deleted everywhere.</summary>
    private CheckpointPair Open()
    {
        var pair = CheckpointPair.Open(_folder.Path);
        pair.Dispose();
        return pair;
    }

    private ExceptionAssertions<CheckpointException> Error() =>
        FluentActions.Invoking(Open).Should().ThrowExactly<CheckpointException>();

    private static void Change(string folder, string file, Action<JsonObject> change)
    {
        var path = Path.Combine(folder, file);
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }
}
