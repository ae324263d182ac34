using System.Text.Json.Nodes;
using ActivationReplay.Checkpoints;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Checkpoints;

public sealed class ModelConfigTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("model_type", "\"llava\"", "model_type is \"llava\"*qwen2_5_vl*not supported")]
    [TestCase("model_type", null, "model_type is absent*qwen2_vl")]
    [TestCase("hidden_act", "\"gelu\"", "hidden_act*silu*gelu is not supported")]
    [TestCase("use_sliding_window", "true", "use_sliding_window is true*must be false*sliding")]
    [TestCase("layer_types", "[\"full_attention\",\"sliding_attention\"]", "layer_types*full_attention alone")]
    [TestCase("quantization_config", "{}", "quantization_config*absent*quantised")]
    [TestCase("hidden_size", null, "hidden_size is absent*at least 1")]
    [TestCase("hidden_size", "0", "hidden_size is 0*at least 1")]
    [TestCase("hidden_size", "\"64\"", "hidden_size is \"64\"*whole number")]
    [TestCase("hidden_size", "64.5", "hidden_size is 64.5*whole number")]
    [TestCase("hidden_size", "68719476736", "hidden_size is 68719476736*whole number")]
    [TestCase("num_hidden_layers", "-1", "num_hidden_layers is -1*at least 1")]
    [TestCase("num_attention_heads", "3", "num_attention_heads is 3*divide hidden_size 64")]
    [TestCase("num_key_value_heads", "3", "num_key_value_heads is 3*divide num_attention_heads 4")]
    [TestCase("head_dim", "32", "head_dim is 32*= 16")]
    [TestCase("vocab_size", "457", "image_token_id is 457*below vocab_size 457")]
    [TestCase("image_token_id", null, "image_token_id is absent*151655")]
    [TestCase("video_token_id", "-4", "video_token_id is -4*at least 0")]
    [TestCase("rms_norm_eps", "0", "rms_norm_eps is 0*number over 0")]
    [TestCase("rope_theta", "true", "rope_theta is true*number over 0")]
    [TestCase("rope_scaling", null, "rope_scaling is absent*mrope_section")]
    [TestCase("rope_scaling", "{\"type\":\"mrope\",\"mrope_section\":[2,3,4]}", "rope_scaling.mrope_section is [2,3,4]*16 / 2")]
    [TestCase("rope_scaling", "{\"type\":\"mrope\",\"mrope_section\":[5,3]}", "rope_scaling.mrope_section*three numbers")]
    [TestCase("rope_scaling", "{\"type\":\"mrope\"}", "rope_scaling.mrope_section is absent")]
    [TestCase("rope_scaling", "{\"rope_type\":\"yarn\",\"mrope_section\":[2,3,3]}", "rope_scaling.rope_type is \"yarn\"*mrope")]
    [TestCase("tie_word_embeddings", "1", "tie_word_embeddings is 1*true or false")]
    [TestCase("torch_dtype", "\"float64\"", "torch_dtype is \"float64\"*bfloat16")]
    [TestCase("vision_config", null, "vision_config is absent*object")]
    [TestCase("vision_config", "[]", "vision_config is []*object")]
    public void Load_WithAWrongValue_NamesKeyValueAndRule(string key, string? value, string message) =>
        Refused(config => Set(config, key, value), message);

    [TestCase("depth", "0", "vision_config.depth is 0*at least 1")]
    [TestCase("num_heads", "5", "vision_config.num_heads is 5*block width 48")]
    [TestCase("num_heads", "24", "vision_config.num_heads is 24*multiple of 4")]
    [TestCase("hidden_act", "\"gelu\"", "vision_config.hidden_act*silu")]
    [TestCase("out_hidden_size", "32", "vision_config.out_hidden_size is 32*hidden_size, 64")]
    [TestCase("fullatt_block_indexes", "[1,4]", "vision_config.fullatt_block_indexes is [1,4]*below depth 4")]
    [TestCase("fullatt_block_indexes", "7", "vision_config.fullatt_block_indexes*list")]
    [TestCase("window_size", "27", "vision_config.window_size is 27*patch_size")]
    [TestCase("tokens_per_second", "0", "vision_config.tokens_per_second is 0*over 0")]
    public void Load_WithAWrongVisionValue_NamesKeyValueAndRule(string key, string value, string message) =>
        Refused(config => Set(config["vision_config"]!.AsObject(), key, value), message);

    [Test]
    public void Load_WithWrongValueInTextConfig_NamesTheSection()
    {
        var config = TinyCheckpoint.Config("b");
        Set(config["text_config"]!.AsObject(), "num_attention_heads", "7");

        FluentActions.Invoking(() => Load(config)).Should().Throw<CheckpointException>()
            .WithMessage("*config.json: text_config.num_attention_heads is 7*");
    }

    [Test]
    public void Load_WithoutOptionalKeys_TakesTransformersDefaults()
    {
        var config = TinyCheckpoint.Config();
        foreach (var key in new[] { "rms_norm_eps", "rope_theta", "max_position_embeddings", "tie_word_embeddings", "torch_dtype" })
        {
            config.Remove(key);
        }

        foreach (var key in new[] { "in_chans", "patch_size", "spatial_merge_size", "temporal_patch_size", "window_size", "tokens_per_second" })
        {
            config["vision_config"]!.AsObject().Remove(key);
        }

        var loaded = Load(config);

        loaded.StoredType.Should().Be(ScalarType.Float32);
        loaded.Text.Should().BeEquivalentTo(new { RmsNormEpsilon = 1e-5, RopeTheta = 1e6, MaxPositions = 32768, TieWordEmbeddings = false });
        loaded.Vision.Should().BeEquivalentTo(new
        {
            InChannels = 3,
            PatchSize = 14,
            SpatialMergeSize = 2,
            TemporalPatchSize = 2,
            WindowSize = 112,
            TokensPerSecond = 4.0,
        });
    }

    [TestCase("""{"rope_type":"default","rope_theta":5000.0,"mrope_section":[4,2,2]}""", null, 5000)]
    [TestCase("""{"rope_type":"default","rope_theta":5000.0,"mrope_section":[4,2,2]}""", 7000.0, 5000)]
    [TestCase("""{"rope_type":"default","mrope_section":[4,2,2]}""", 7000.0, 7000)]
    [TestCase("""{"rope_type":"default","mrope_section":[4,2,2]}""", null, 1e6)]
    [TestCase("""{"full_attention":{"rope_type":"default","rope_theta":5000.0,"mrope_section":[4,2,2]}}""", null, 5000)]
    [TestCase("""{"full_attention":{"rope_type":"default","mrope_section":[4,2,2]},"rope_theta":6000.0}""", 7000.0, 6000)]
    public void Load_OfRopeParameters_ReadsThetaWhereItStands(string rope, double? theta, double expected)
    {
        var config = TinyCheckpoint.Config();
        config.Remove("rope_scaling");
        config["rope_theta"] = theta;
        Set(config, "rope_parameters", rope);

        Load(config).Text.Should().BeEquivalentTo(new { RopeTheta = expected, MropeSection = new[] { 4, 2, 2 } });
    }

    [Test]
    public void Load_OfRopeParametersByLayerType_NamesTheNestedKey() => Refused(
        config =>
        {
            config.Remove("rope_scaling");
            Set(config, "rope_parameters", """{"full_attention":{"rope_type":"yarn","mrope_section":[4,2,2]}}""");
        },
        "rope_parameters.full_attention.rope_type is \"yarn\"");

    [TestCase("dtype", "\"bfloat16\"")]
    [TestCase("torch_dtype", "\"bfloat16\"")]
    [TestCase("text_config", """{"dtype":"bfloat16"}""")]
    public void Load_OfTheWeightsType_ReadsItUnderAnyName(string key, string json)
    {
        var config = TinyCheckpoint.Config("b");
        config.Remove("torch_dtype");
        foreach (var (name, value) in key == "text_config" ? JsonNode.Parse(json)!.AsObject() : [])
        {
            config["text_config"]![name] = value!.DeepClone();
        }

        if (key != "text_config")
        {
            Set(config, key, json);
        }

        Load(config).StoredType.Should().Be(ScalarType.BFloat16);
    }

    [TestCase(null, true, true)]
    [TestCase(true, null, true)]
    [TestCase(false, true, false)]
    [TestCase(true, false, true)]
    [TestCase(null, null, false)]
    public void Load_OfTiedHeads_PrefersTheTopLevel(bool? root, bool? text, bool expected)
    {
        var config = TinyCheckpoint.Config("b");
        config["tie_word_embeddings"] = root;
        config["text_config"]!["tie_word_embeddings"] = text;

        Load(config).Text.TieWordEmbeddings.Should().Be(expected);
    }

    [TestCase("", "not valid JSON")]
    [TestCase("[]", "not valid JSON*object is needed")]
    [TestCase("{\"model_type\":", "not valid JSON")]
    [TestCase("{\"model_type\":\"\\ud800\"}", "not valid JSON")]
    [TestCase("{\"a\":1,\"a\":2}", "not valid JSON*'a'")]
    public void Load_OfAFileThatIsNoJson_SaysSo(string text, string message)
    {
        File.WriteAllText(_folder.PathOf("config.json"), text);

        FluentActions.Invoking(() => ModelConfig.Load(_folder.Path)).Should().Throw<CheckpointException>()
            .WithMessage($"*config.json: *{message}*");
    }

    [Test]
    public void Load_WithoutTheFile_NamesIt() =>
        FluentActions.Invoking(() => ModelConfig.Load(_folder.Path)).Should().Throw<CheckpointException>()
            .WithMessage("*config.json: there is no such file*");

    private void Refused(Action<JsonObject> change, string message)
    {
        var config = TinyCheckpoint.Config();
        change(config);

        FluentActions.Invoking(() => Load(config)).Should().Throw<CheckpointException>()
            .WithMessage($"{_folder.PathOf("config.json")}: {message}*");
    }

    private ModelConfig Load(JsonObject config)
    {
        File.WriteAllText(_folder.PathOf("config.json"), config.ToJsonString());
        return ModelConfig.Load(_folder.Path);
    }

    private static void Set(JsonObject section, string key, string? json)
    {
        if (json is null)
        {
            section.Remove(key);
        }
        else
        {
            section[key] = JsonNode.Parse(json);
        }
    }
}
