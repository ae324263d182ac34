using System.Diagnostics;
using ActivationReplay.Checkpoints;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Benchmarks.Workloads;

/// <summary>Loading a checkpoint against reading its files.</summary>
/// <param name="folder">The checkpoint.</param>
internal sealed class CheckpointFile(string folder)
{
    private const long PageElements = 1024; // 4 KiB of fp32: no page is passed over

    private readonly byte[] buffer = new byte[8 << 20];

    /// <summary>Bytes of all files of weights.</summary>
    public long Bytes { get; } = Files(folder).Sum(path => new FileInfo(path).Length);

    /// <summary>Reads the files from first to last byte into one buffer: nothing is kept.</summary>
    /// <returns>The bytes read.</returns>
    public long Read()
    {
        var total = 0L;
        foreach (var path in Files(folder))
        {
            using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
            int count;
            for (var position = 0L; (count = RandomAccess.Read(file, buffer, position)) > 0; position += count)
            {
                total += count;
            }
        }

        return total;
    }

    /// <summary>Opens and loads the model in its stored type, and touches every page of its weights.</summary>
    /// <param name="device">Where it goes.</param>
    /// <param name="whileLoaded">Runs when all weights can be used.</param>
    /// <returns>Seconds until then, without those to let it go again.</returns>
    public double Load(Device device, Action? whileLoaded = null)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var watch = Stopwatch.StartNew();
        using var checkpoint = Checkpoint.Open(folder, device: device);
        using var model = QwenVlModel.Load(checkpoint);
        foreach (var parameter in model.parameters())
        {
            using var touched = NewDisposeScope();
            var flat = parameter.view(-1);
            var page = PageElements * sizeof(float) / flat.element_size();
            flat.slice(0, 0, flat.shape[0], page).sum(ScalarType.Float32).item<float>();
        }

        var seconds = watch.Elapsed.TotalSeconds;
        whileLoaded?.Invoke();
        return seconds;
    }

    private static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder, "*.safetensors").Order(StringComparer.Ordinal);
}
