using ActivationReplay.Checkpoints;
using ActivationReplay.Models;
using ActivationReplay.Synthetic;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Doctor;

/// <summary>A random model of some thousand weights in a folder for temporary files, and one prompt with a picture.</summary>
internal sealed class SmallModel : IDisposable
{
    private const int VisualTokens = 12;
    private readonly Dictionary<string, float[]> known = [];
    private DirectoryInfo? folder;

    /// <summary>The logits of the prompt in fp32, computed on a device and brought back.</summary>
    public float[] Logits(Device device)
    {
        if (known.TryGetValue(device.ToString(), out var there))
        {
            return there;
        }

        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var checkpoint = Checkpoint.Open(Write(), ScalarType.Float32, device);
        using var model = QwenVlModel.Load(checkpoint);
        using var inputs = ShapedPrompt.Of(model.Config, VisualTokens);
        using var prompt = EncodedPrompt.Encode(model, inputs);
        var logits = ForwardPass.Logits(model, prompt.Embedded, inputs).to_type(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        return known[device.ToString()] = logits;
    }

    public void Dispose() => folder?.Delete(recursive: true);

    private string Write()
    {
        if (folder is null)
        {
            folder = Directory.CreateTempSubdirectory("activation-replay-doctor-");
            var config = Path.Combine(folder.FullName, "tiny.json");
            using (var source = typeof(SmallModel).Assembly.GetManifestResourceStream("tiny-config.json")!)
            using (var target = File.Create(config))
            {
                source.CopyTo(target);
            }

            new RandomCheckpoint(config, processorFolder: null).Write(Path.Combine(folder.FullName, "model"));
        }

        return Path.Combine(folder.FullName, "model");
    }
}
