using System.Text.Json.Nodes;
using ActivationReplay.Checkpoints;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Checkpoints;

/// <summary>
/// Pair a as newer libraries save a model: <c>text_config</c>, <c>model.visual.…</c> and <c>model.language_model.…</c>,
/// bf16, three shards with an index, the head tied to the embedding.
/// </summary>
internal static class NewerLayout
{
    private const int Shards = 3;

    private static readonly string[] s_rootKeys =
    [
        "architectures", "model_type", "torch_dtype", "transformers_version", "vision_config", "vision_start_token_id",
        "vision_end_token_id", "vision_token_id", "image_token_id", "video_token_id",
    ];

    /// <summary>Writes <c>base</c> and <c>rlvr</c> into <paramref name="folder"/>.</summary>
    public static void WritePair(string folder)
    {
        foreach (var role in new[] { "base", "rlvr" })
        {
            Write(Path.Combine(folder, role), Goldens.CarriedPathOf("pairs", "a", role));
        }
    }

    private static void Write(string folder, string source)
    {
        Directory.CreateDirectory(folder);
        TinyCheckpoint.CopyProcessor(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), Config().ToJsonString());
        WriteShards(folder, Path.Combine(source, "model.safetensors"));
    }

    private static JsonObject Config()
    {
        var root = TinyCheckpoint.Config();
        var text = new JsonObject();
        foreach (var key in root.Select(setting => setting.Key).Except(s_rootKeys).ToArray())
        {
            root.Remove(key, out var value);
            text[key] = value;
        }

        text["model_type"] = "qwen2_5_vl_text";
        text["tie_word_embeddings"] = true;
        root["tie_word_embeddings"] = true;
        root["torch_dtype"] = "bfloat16";
        root["text_config"] = text;
        return root;
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

        File.WriteAllText(
            Path.Combine(folder, "model.safetensors.index.json"), new JsonObject { ["weight_map"] = map }.ToJsonString());
    }

    private static string NewName(string key) => key.StartsWith("visual.", StringComparison.Ordinal)
        ? $"model.{key}"
        : key.Replace("model.", "model.language_model.", StringComparison.Ordinal);
}
