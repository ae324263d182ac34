using System.Text.Json.Nodes;
using ActivationReplay.Checkpoints;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Checkpoints;

/// <summary>Folders with a true configuration and a handful of small weights.</summary>
internal static class TinyCheckpoint
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string Norm = "model.norm.weight";
    public const string Head = "lm_head.weight";

    public static JsonObject Config(string pair = "a") =>
        JsonNode.Parse(File.ReadAllText(Goldens.CarriedPathOf("pairs", pair, "base", "config.json")))!.AsObject();

    /// <summary>Writes config.json of pair a, changed by <paramref name="change"/>, and the given weights of ones.</summary>
    public static string Make(string folder, Action<JsonObject>? change = null, params (string Name, long[] Shape)[] weights)
    {
        Directory.CreateDirectory(folder);
        var config = Config();
        change?.Invoke(config);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        Write(Path.Combine(folder, "model.safetensors"), weights.Length > 0 ? weights : [(Embedding, [480, 64]), (Norm, [64])]);
        return folder;
    }

    public static void Write(string path, params (string Name, long[] Shape)[] weights)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(path, weights.Select(weight => KeyValuePair.Create(weight.Name, ones(weight.Shape))));
    }

    /// <summary>Copies the small files of a recorded checkpoint, without its weights.</summary>
    public static void CopyProcessor(string folder, string pair = "a")
    {
        foreach (var name in new[] { "tokenizer.json", "tokenizer_config.json", "preprocessor_config.json", "chat_template.json" })
        {
            // Written anew: the recordings are read-only.
            File.WriteAllText(Path.Combine(folder, name), File.ReadAllText(Goldens.CarriedPathOf("pairs", pair, "base", name)));
        }
    }
}
