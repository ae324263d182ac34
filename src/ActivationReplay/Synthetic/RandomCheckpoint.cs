using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivationReplay.Checkpoints;
using ActivationReplay.Files;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Synthetic;

/// <summary>
/// Writes a checkpoint folder in the Hugging Face form, of any configuration, with <see cref="RandomWeights"/>, one tensor at a
/// time: for measurements of memory and speed, which depend on shapes only.
/// </summary>
/// <param name="configPath">A config.json of <c>qwen2_vl</c> or <c>qwen2_5_vl</c>.</param>
/// <param name="processorFolder">
/// A checkpoint's folder whose tokenizer, chat template and picture settings are copied; null copies none.
/// </param>
public sealed class RandomCheckpoint(string configPath, string? processorFolder)
{
    // The ids in config.json that a tokenizer decides.
    private static readonly (string Key, string Token)[] s_specialIds =
    [
        ("image_token_id", "<|image_pad|>"), ("video_token_id", "<|video_pad|>"),
        ("vision_start_token_id", "<|vision_start|>"), ("vision_end_token_id", "<|vision_end|>"),
        ("eos_token_id", "<|im_end|>"), ("bos_token_id", "<|endoftext|>"),
    ];

    /// <summary>The seed, which with a weight's key decides its values.</summary>
    public ulong Seed { get; init; }

    /// <summary>The type of the weights; null is that of the configuration.</summary>
    public ScalarType? Type { get; init; }

    /// <summary>The most bytes of weights of a file; the default is that of Hugging Face's writer, 5 GB.</summary>
    public long ShardBytes { get; init; } = 5_000_000_000;

    /// <summary>Writes the checkpoint, whole or not at all.</summary>
    /// <param name="folder">The checkpoint's folder; if it exists it must be empty.</param>
    /// <param name="perturbation">
    /// The relative noise of the weights, as in <see cref="RandomWeights"/>; 0 writes a base model.
    /// </param>
    /// <exception cref="CheckpointException">The configuration cannot be used, or the folder is not empty.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Write(string folder, double perturbation = 0)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new CheckpointException(folder, "is not empty; a random checkpoint goes into a folder of its own");
        }

        // Written under another name and renamed when it is complete.
        var partial = $"{Path.TrimEndingDirectorySeparator(folder)}.{Guid.NewGuid():N}.tmp";
        try
        {
            WriteFiles(partial, perturbation);
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder);
            }

            Directory.Move(partial, folder);
        }
        catch
        {
            Directory.Delete(partial, recursive: true);
            throw;
        }
    }

    private void WriteFiles(string folder, double perturbation)
    {
        Directory.CreateDirectory(folder);
        var json = JsonFile.Read(configPath, root => JsonNode.Parse(root.GetRawText())!.AsObject());
        if (processorFolder is not null)
        {
            CopyProcessor(processorFolder, folder);
            TakeIds(json, Path.Combine(processorFolder, "tokenizer.json"));
        }

        if (Type is { } type)
        {
            json.Remove("dtype");
            json["torch_dtype"] = type.ToString().ToLowerInvariant();
        }

        var path = Path.Combine(folder, "config.json");
        AtomicFile.WriteText(path, json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        var config = ModelConfig.Load(folder);
        using var weights = new RandomWeights(config, Seed, config.StoredType, perturbation);
        WriteWeights(folder, [.. Plan(config, weights)]);
    }

    /// <summary>The weights that a model of this configuration needs, found by constructing one on shapes only.</summary>
    private static IEnumerable<TensorPlan> Plan(ModelConfig config, RandomWeights weights)
    {
        var shapes = new ShapeRecorder();
        using var scope = NewDisposeScope();
        using var model = new QwenVlModel(config, shapes);
        return shapes.Shapes
            .Where(weight => weight.Key != WeightKeys.Head || !config.Text.TieWordEmbeddings)
            .Select(weight => new TensorPlan(weight.Key, config.StoredType, weight.Value, () => weights.Draw(weight.Key, weight.Value)));
    }

    private void WriteWeights(string folder, IReadOnlyList<TensorPlan> plans)
    {
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        var shards = Shard(plans);
        if (shards.Count == 1)
        {
            SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), shards[0], metadata);
            return;
        }

        var map = new JsonObject();
        foreach (var (i, shard) in shards.Index())
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"model-{i + 1:00000}-of-{shards.Count:00000}.safetensors");
            SafetensorsWriter.Write(Path.Combine(folder, name), shard, metadata);
            shard.ForEach(plan => map[plan.Name] = name);
        }

        var index = new JsonObject
        {
            ["metadata"] = new JsonObject { ["total_size"] = plans.Sum(plan => plan.Bytes) },
            ["weight_map"] = map,
        };
        AtomicFile.WriteText(Path.Combine(folder, "model.safetensors.index.json"), index.ToJsonString());
    }

    private List<List<TensorPlan>> Shard(IReadOnlyList<TensorPlan> plans)
    {
        List<List<TensorPlan>> shards = [[]];
        var bytes = 0L;
        foreach (var plan in plans)
        {
            if (bytes > 0 && bytes + plan.Bytes > ShardBytes)
            {
                shards.Add([]);
                bytes = 0;
            }

            shards[^1].Add(plan);
            bytes += plan.Bytes;
        }

        return shards;
    }

    private static void CopyProcessor(string source, string folder)
    {
        if (!File.Exists(Path.Combine(source, "tokenizer.json")))
        {
            throw new CheckpointException(source, "has no tokenizer.json; a processor's folder does");
        }

        foreach (var name in ProcessorFiles.All.Where(name => File.Exists(Path.Combine(source, name))))
        {
            // Written anew, so that a read-only source does not make a read-only copy.
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.WriteBytes(path, File.ReadAllBytes(Path.Combine(source, name)));
        }
    }

    /// <summary>Sets the special token ids of config.json to those of the tokenizer that is copied.</summary>
    private static void TakeIds(JsonObject config, string tokenizerPath)
    {
        var added = JsonFile.Read(tokenizerPath, json => json.TryGetProperty("added_tokens", out var tokens)
            ? tokens.EnumerateArray().ToDictionary(t => t.GetProperty("content").GetString()!, t => t.GetProperty("id").GetInt32())
            : []);
        foreach (var (key, token) in s_specialIds)
        {
            if (added.TryGetValue(token, out var id))
            {
                config[key] = id;
                if (config["text_config"] is JsonObject text && text.ContainsKey(key))
                {
                    text[key] = id;
                }
            }
        }
    }

    private sealed class ShapeRecorder : IWeights
    {
        public SortedDictionary<string, long[]> Shapes { get; } = new(StringComparer.Ordinal);

        public Tensor Get(string key, params ReadOnlySpan<long> shape)
        {
            Shapes[key] = shape.ToArray();
            return empty(shape.ToArray(), ScalarType.Float32, META);
        }
    }
}
