using ActivationReplay.Ablations.Errors;
using ActivationReplay.Ablations.Execution;
using ActivationReplay.Checkpoints;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Parity;

/// <summary>
/// Compares the engine with a folder of recordings (<c>pairs/</c>, <c>cases/</c>, <c>prepare/</c>, as the goldens' README
/// describes), and writes what it computed for others to compare.
/// </summary>
public static class ParitySuite
{
    /// <summary>The rows of every case found, as they are computed.</summary>
    /// <param name="root">The folder of recordings.</param>
    /// <param name="dump">Where to write what was computed; null does not.</param>
    /// <param name="only">Cases whose name it accepts; null is all.</param>
    /// <param name="type">Type of weights and activations; the limits are those of Float32.</param>
    /// <param name="device">Where the models are: cpu, cuda, cuda:N.</param>
    /// <exception cref="DirectoryNotFoundException">The folder, or a case's pair, is not there.</exception>
    public static IEnumerable<ParityRow> Run(
        string root, string? dump = null, Func<string, bool>? only = null, ScalarType type = ScalarType.Float32, string device = "cpu")
    {
        if (!Directory.Exists(root))
        {
            throw new DirectoryNotFoundException($"{root}: no such folder of recordings.");
        }

        foreach (var row in type == ScalarType.Float32 ? new PrepareParity(root, dump).Run() : [])
        {
            yield return row;
        }

        var cases = Path.Combine(root, "cases");
        var folders = Directory.Exists(cases) ? Directory.GetDirectories(cases).Order(StringComparer.Ordinal).ToList() : [];
        var chosen = folders.Where(f => only?.Invoke(Path.GetFileName(f)) ?? true)
            .Select(f => (Folder: f, File: CaseFile.Read(Path.Combine(f, "case.json"))))
            .GroupBy(c => c.File.Pair);
        foreach (var group in chosen)
        {
            using var pair = ReplayPair.Open(Path.Combine(root, "pairs", group.Key), new PairOptions { Type = type, Device = device });
            CpuThreads.Use(0, pair.Model(ModelRole.Base));
            foreach (var (folder, file) in group)
            {
                foreach (var row in ErrorContext.About(folder, () => RunCase(folder, pair, file, dump, type)))
                {
                    yield return row;
                }
            }
        }
    }

    private static List<ParityRow> RunCase(string folder, ReplayPair pair, CaseFile file, string? dump, ScalarType type)
    {
        using var parity = new CaseParity(folder, pair, file);
        List<ParityRow> rows = [.. parity.Run()];
        if (type == ScalarType.Float32 && pair.Model(ModelRole.Rlvr).Device.type == TorchSharp.DeviceType.CPU)
        {
            rows.AddRange(TrainingParity.Run(folder, pair, file, dump)); // weights are trained in fp32 on the CPU alone
        }

        if (dump is not null)
        {
            var target = Path.Combine(dump, parity.Name);
            ParityJson.Write(Path.Combine(target, "computed.json"), parity.Answers);
            SafetensorsWriter.Write(Path.Combine(target, "computed.safetensors"), parity.Computed);
            if (parity.ComputedReplay.Count > 0)
            {
                SafetensorsWriter.Write(Path.Combine(target, "replay.safetensors"), parity.ComputedReplay);
            }
        }

        return rows;
    }
}
