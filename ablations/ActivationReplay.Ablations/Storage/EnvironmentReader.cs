using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Storage;

/// <summary>Finds out where a run is computed.</summary>
internal static class EnvironmentReader
{
    /// <summary>This process, with libtorch loaded.</summary>
    public static RunEnvironment Read(string device, int workers)
    {
        var (commit, dirty) = Source(AppContext.BaseDirectory);
        return new RunEnvironment
        {
            Project = Version(typeof(EnvironmentReader).Assembly),
            GitCommit = commit,
            GitDirty = dirty,
            DotNet = RuntimeInformation.FrameworkDescription,
            TorchSharp = Version(typeof(TorchSharp.torch).Assembly),
            Libtorch = Native.Libtorch.Load().Version ?? "unknown",
            System = $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.ProcessArchitecture}",
            Cpu = Cpu(),
            Cores = Environment.ProcessorCount,
            Memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Device = Named(device, new NvidiaDriver()),
            Threads = get_num_threads(),
            Workers = workers,
        };
    }

    /// <summary>The devices of a pair, GPUs with their model: <c>base=cuda:0 (NVIDIA A100), rlvr=cuda:1 (NVIDIA A100)</c>.</summary>
    internal static string Named(string device, IGpuDriver driver)
    {
        var devices = PairDevices.Parse(device);
        if (devices is { Base: "cpu", Rlvr: "cpu" })
        {
            return device;
        }

        var gpus = driver.Devices();
        return devices.Base == devices.Rlvr ? Name(devices.Base) : $"base={Name(devices.Base)}, rlvr={Name(devices.Rlvr)}";

        string Name(string name) =>
            name != "cpu" && gpus.FirstOrDefault(g => g.Index == int.Parse(name.Split(':').ElementAtOrDefault(1) ?? "0", CultureInfo.InvariantCulture)) is { } gpu
                ? $"{name} ({gpu.Name})"
                : name;
    }

    /// <summary>
    /// The commit that a program's folder was built from, as the build wrote it beside the program, and whether the repository
    /// around it holds other files than that commit; null where there is no such repository, as beside a published program.
    /// </summary>
    internal static (string? Commit, bool? Dirty) Source(string folder)
    {
        var file = Path.Combine(folder, "commit.txt");
        if (!File.Exists(file))
        {
            return (null, null);
        }

        var commit = File.ReadAllText(file).Trim();
        var changed = Output("git", ["-C", folder, "diff", "--name-only", commit]);
        var added = Output("git", ["-C", folder, "ls-files", "--others", "--exclude-standard", ":/"]);
        return (commit, changed is null || added is null ? null : changed.Length + added.Length > 0);
    }

    /// <summary>The full version of an assembly.</summary>
    internal static string Version(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? assembly.GetName().Version!.ToString();

    /// <summary>The processor's name, where the system tells it.</summary>
    internal static string? Cpu()
    {
        const string Linux = "/proc/cpuinfo";
        if (File.Exists(Linux))
        {
            return File.ReadLines(Linux).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[^1].Trim();
        }

        return OperatingSystem.IsMacOS()
            ? Output("sysctl", ["-n", "machdep.cpu.brand_string"])
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
    }

    /// <summary>What a program says; null where it is not installed, or says no.</summary>
    internal static string? Output(string program, IReadOnlyList<string> arguments) =>
        ProgramOutput.Of(program, arguments) is { Code: 0 } output ? output.Text : null;
}
