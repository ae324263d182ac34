using System.Text.Json;
using System.Text.Json.Nodes;
using ActivationReplay.Checkpoints;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Checkpoints;

/// <summary>
/// Recorded pairs as transformers 5 saves a model and its processor: <c>text_config</c> with <c>rope_parameters</c> and
/// <c>layer_types</c>, <c>dtype</c>, bf16 weights <c>model.visual.…</c> and <c>model.language_model.…</c> in three shards,
/// the head tied to the embedding; <c>processor_config.json</c> for pictures and videos, <c>chat_template.jinja</c>, and a
/// <c>tokenizer_config.json</c> without added tokens.
/// </summary>
internal static class NewerLayout
{
    private const int Shards = 3;

    private static readonly string[] s_rootKeys =
    [
        "architectures", "model_type", "torch_dtype", "transformers_version", "vision_config", "vision_start_token_id",
        "vision_end_token_id", "vision_token_id", "image_token_id", "video_token_id",
    ];

    /// <summary>Writes <c>base</c> and <c>rlvr</c> of a pair into <paramref name="folder"/>.</summary>
    public static void WritePair(string folder, string pair = "a")
    {
        foreach (var role in new[] { "base", "rlvr" })
        {
            var (target, source) = (Path.Combine(folder, role), Goldens.CarriedPathOf("pairs", pair, role));
            Directory.CreateDirectory(target);
            Write(target, "config.json", Config(pair));
            Write(target, "generation_config.json", Generation(source));
            WriteShards(target, Path.Combine(source, "model.safetensors"));
            WriteProcessor(target, source);
        }
    }

    /// <summary>Writes a processor's files, as read from those of <paramref name="source"/>.</summary>
    public static void WriteProcessor(string folder, string source)
    {
        // Written anew: the recordings are read-only.
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), File.ReadAllText(Path.Combine(source, "tokenizer.json")));
        File.WriteAllText(
            Path.Combine(folder, "chat_template.jinja"), Read(source, "chat_template.json")["chat_template"]!.GetValue<string>());
        Write(folder, "tokenizer_config.json", Tokenizer(Read(source, "tokenizer_config.json")));
        Write(folder, "processor_config.json", Processor(Read(source, "preprocessor_config.json")));
    }

    private static JsonObject Config(string pair)
    {
        var root = TinyCheckpoint.Config(pair);
        var text = new JsonObject();
        foreach (var key in root.Select(setting => setting.Key).Except(s_rootKeys).ToArray())
        {
            root.Remove(key, out var value);
            text[key] = value;
        }

        text.Remove("rope_scaling", out var rope);
        text.Remove("rope_theta", out var theta);
        text["rope_parameters"] = new JsonObject
        {
            ["mrope_section"] = rope!["mrope_section"]!.DeepClone(),
            ["rope_theta"] = theta,
            ["rope_type"] = "default",
            ["type"] = "default",
        };
        text["layer_types"] = new JsonArray(
            [.. Enumerable.Repeat("full_attention", text["num_hidden_layers"]!.GetValue<int>()).Select(type => (JsonNode)type)]);
        text["model_type"] = $"{root["model_type"]}_text";
        text["sliding_window"] = null;
        text.Remove("tie_word_embeddings");
        root.Remove("torch_dtype");
        root["tie_word_embeddings"] = true;
        root["dtype"] = "bfloat16";
        root["text_config"] = text;
        root["transformers_version"] = "5.0.0";
        return root;
    }

    private static JsonObject Generation(string source)
    {
        var json = Read(source, "generation_config.json");
        json["transformers_version"] = "5.0.0";
        return json;
    }

    private static JsonObject Tokenizer(JsonObject older)
    {
        older.Remove("chat_template");
        older.Remove("added_tokens_decoder", out var decoder);
        older.Remove("additional_special_tokens");
        older["backend"] = "tokenizers";
        older["is_local"] = true;
        older["extra_special_tokens"] = new JsonArray([.. decoder!.AsObject()
            .Where(token => token.Value!["special"]!.GetValue<bool>()).Select(token => token.Value!["content"]!.DeepClone())]);
        return older;
    }

    private static JsonObject Processor(JsonObject older)
    {
        var pictures = new JsonObject
        {
            ["crop_size"] = null,
            ["data_format"] = "channels_first",
            ["do_center_crop"] = null,
            ["do_convert_rgb"] = true,
            ["do_normalize"] = true,
            ["do_rescale"] = true,
            ["do_resize"] = true,
            ["image_mean"] = older["image_mean"]!.DeepClone(),
            ["image_processor_type"] = "Qwen2VLImageProcessor",
            ["image_std"] = older["image_std"]!.DeepClone(),
            ["merge_size"] = 2,
            ["patch_size"] = 14,
            ["resample"] = 3,
            ["rescale_factor"] = 0.00392156862745098,
            ["size"] = new JsonObject
            {
                ["longest_edge"] = older["max_pixels"]!.DeepClone(),
                ["shortest_edge"] = older["min_pixels"]!.DeepClone(),
            },
            ["temporal_patch_size"] = 2,
        };
        var videos = pictures.DeepClone().AsObject();
        videos.Remove("image_processor_type");
        videos["video_processor_type"] = "Qwen2VLVideoProcessor";
        videos["do_sample_frames"] = false;
        videos["fps"] = null;
        videos["max_frames"] = 768;
        videos["min_frames"] = 4;
        videos["return_metadata"] = false;
        return new JsonObject
        {
            ["image_processor"] = pictures,
            ["processor_class"] = older["processor_class"]?.DeepClone(),
            ["video_processor"] = videos,
        };
    }

    private static void WriteShards(string folder, string source)
    {
        using var scope = NewDisposeScope();
        using var stored = SafetensorsFile.Open(source);
        var keys = stored.Entries.Keys.Where(key => key != TinyCheckpoint.Head).Order(StringComparer.Ordinal).ToArray();
        var map = new JsonObject();
        foreach (var (number, part) in keys.Chunk((keys.Length + Shards - 1) / Shards).Index())
        {
            var shard = $"model-{number + 1:00000}-of-{Shards:00000}.safetensors";
            SafetensorsWriter.Write(
                Path.Combine(folder, shard), part.ToDictionary(NewName, key => stored.Read(key).to(ScalarType.BFloat16)));
            foreach (var key in part)
            {
                map[NewName(key)] = shard;
            }
        }

        Write(folder, "model.safetensors.index.json", new JsonObject
        {
            ["metadata"] = new JsonObject { ["total_parameters"] = 1, ["total_size"] = 2 },
            ["weight_map"] = map,
        });
    }

    private static string NewName(string key) => key.StartsWith("visual.", StringComparison.Ordinal)
        ? $"model.{key}"
        : key.Replace("model.", "model.language_model.", StringComparison.Ordinal);

    private static JsonObject Read(string folder, string name) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(folder, name)))!.AsObject();

    private static void Write(string folder, string name, JsonObject json) => File.WriteAllText(
        Path.Combine(folder, name), json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
}
