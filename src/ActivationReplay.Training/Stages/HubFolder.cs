using ActivationReplay.Checkpoints;
using ActivationReplay.Files;
using ActivationReplay.Training.Weights;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>Writes a model as a Hugging Face hub folder: bf16 weights under the hub's keys, the model folder's other files.</summary>
internal static class HubFolder
{
    private static readonly Dictionary<string, string> s_metadata = new() { ["format"] = "pt" };

    /// <summary>Writes <paramref name="folder"/>; its files are replaced.</summary>
    /// <param name="folder">The new folder.</param>
    /// <param name="model">Folder with config.json, tokenizer and processor settings.</param>
    /// <param name="weights">The weights.</param>
    public static void Write(string folder, string model, FlatWeights weights)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(model).Where(f => !f.EndsWith(".safetensors", StringComparison.Ordinal)))
        {
            AtomicFile.WriteBytes(Path.Combine(folder, Path.GetFileName(file)), File.ReadAllBytes(file));
        }

        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            weights.All.Select(w => KeyValuePair.Create(w.Key, w.Value.to_type(ScalarType.BFloat16))),
            s_metadata);
    }
}
