using System.Globalization;
using ActivationReplay.Native;

namespace ActivationReplay.Ablations.Clusters;

/// <summary>Divides a machine among processes: so many GPUs each, and an equal share of the cores.</summary>
internal static class LocalSlots
{
    private const string Cores = "DOTNET_PROCESSOR_COUNT";
    private const string Gpus = "CUDA_VISIBLE_DEVICES";

    /// <summary>The GPUs that a process needs for its models to be on some devices: 0 on the CPU, 2 for cuda:0 and cuda:1.</summary>
    public static int GpusOf(PairDevices devices) => new[] { devices.Base, devices.Rlvr }.Max(
        name => name == "cpu" ? 0 : 1 + int.Parse(name.Split(':').ElementAtOrDefault(1) ?? "0", CultureInfo.InvariantCulture));

    /// <summary>The environment variables of each process.</summary>
    /// <param name="processes">How many there are to be.</param>
    /// <param name="devices">The devices of each.</param>
    /// <param name="cores">Cores of the machine.</param>
    /// <param name="gpus">GPUs that this process sees.</param>
    /// <param name="visible">The variable that says which those are, where it is set.</param>
    /// <exception cref="ArgumentException">There are too few GPUs.</exception>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Of(int processes, PairDevices devices, int cores, int gpus, string? visible)
    {
        var each = GpusOf(devices);
        var names = string.IsNullOrEmpty(visible)
            ? [.. Enumerable.Range(0, gpus).Select(i => i.ToString(CultureInfo.InvariantCulture))]
            : visible.Split(',', StringSplitOptions.TrimEntries).Take(gpus).ToArray();
        if (processes * each > names.Length)
        {
            throw new ArgumentException(
                $"--local {processes}: each process needs {each} GPU{(each == 1 ? "" : "s")} for device {devices}, and there are {names.Length}; allowed are up to {names.Length / each} processes.");
        }

        return
        [
            .. Enumerable.Range(0, processes).Select(i =>
            {
                var variables = new Dictionary<string, string> { [Cores] = Math.Max(1, cores / processes).ToString(CultureInfo.InvariantCulture) };
                if (each > 0)
                {
                    variables[Gpus] = string.Join(',', names.Skip(i * each).Take(each));
                }

                return variables;
            }),
        ];
    }
}
