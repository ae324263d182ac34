using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Native;
using TorchSharp;

namespace ActivationReplay.Benchmarks.Reports;

/// <summary>Describes where and how numbers were measured, without names of hosts or folders.</summary>
internal static class MachineDescription
{
    private const string CpuFile = "/proc/cpuinfo";
    private const string Memory = "/proc/meminfo";

    /// <summary>A sentence: date, processor, memory, system, versions, shape.</summary>
    public static string Of(MeasureOptions options) => string.Create(
        CultureInfo.InvariantCulture,
        $"Measured on {DateTime.UtcNow:yyyy-MM-dd} on {Processor()} ({Environment.ProcessorCount} cores, {torch.get_num_threads()} threads, {Gibibytes():0} GiB), "
        + $"device {Device(options)}, {RuntimeInformation.OSDescription.Split('-')[0]}, .NET {Environment.Version}, "
        + $"TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)}, libtorch {Libtorch.Load().Version ?? "of unknown version"}. "
        + $"Shape {options.Shape}, {options.Dtype}, {(options.Pair is null ? "random weights" : "weights of a given pair")}, {options.Rounds} rounds.");

    /// <summary>The command line that repeats a measurement.</summary>
    public static string CommandLine(MeasureOptions options, string command)
    {
        var defaults = MeasureOptions.Current;
        var text = new StringBuilder("dotnet run -c Release");
        text.Append(options.Device == "cuda" && !Libtorch.Load().IsInstalled ? " -p:Cuda=true" : "");
        text.Append(CultureInfo.InvariantCulture, $" --project ablations/ActivationReplay.Benchmarks -- {command}");
        Add("shape", Path.GetFileName(options.Shape), defaults.Shape);
        Add("dtype", options.Dtype, defaults.Dtype);
        Add("device", options.Device, defaults.Device);
        Add("threads", options.Threads, defaults.Threads);
        Add("rounds", options.Rounds, defaults.Rounds);
        text.Append(Libtorch.Load().IsInstalled ? " --libtorch DIR" : "");
        return text.ToString();

        void Add<T>(string name, T value, T standard)
        {
            if (!Equals(value, standard))
            {
                text.Append(CultureInfo.InvariantCulture, $" --{name} {value}");
            }
        }
    }

    // The first GPU is measured.
    private static string Device(MeasureOptions options) =>
        options.Device == "cuda" && new NvidiaDriver().Devices() is [var gpu, ..] ? $"cuda, {gpu.Name}" : options.Device;

    private static string Processor() => File.Exists(CpuFile)
        ? File.ReadLines(CpuFile).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            ?? RuntimeInformation.ProcessArchitecture.ToString()
        : RuntimeInformation.ProcessArchitecture.ToString();

    private static double Gibibytes() => (File.Exists(Memory)
        ? double.Parse(File.ReadLines(Memory).First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024
        : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) / (1L << 30);
}
