using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Storage;

/// <summary>Finds out where a run is computed.</summary>
internal static class EnvironmentReader
{
    /// <summary>This process, with libtorch loaded.</summary>
    public static RunEnvironment Read(string device, int workers)
    {
        var commit = Output("git", ["-C", AppContext.BaseDirectory, "rev-parse", "HEAD"]);
        return new RunEnvironment
        {
            Project = Version(typeof(EnvironmentReader).Assembly),
            GitCommit = commit,
            GitDirty = commit is null ? null : Output("git", ["-C", AppContext.BaseDirectory, "status", "--porcelain"])?.Length > 0,
            DotNet = RuntimeInformation.FrameworkDescription,
            TorchSharp = Version(typeof(TorchSharp.torch).Assembly),
            Libtorch = __version__,
            System = $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.ProcessArchitecture}",
            Cpu = Cpu(),
            Cores = Environment.ProcessorCount,
            Memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Device = device,
            Threads = get_num_threads(),
            Workers = workers,
        };
    }

    // Without the commit that the SDK appends.
    private static string Version(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? assembly.GetName().Version!.ToString();

    private static string? Cpu()
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

    // Null where the program is not installed, or says no.
    private static string? Output(string program, IReadOnlyList<string> arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var text = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            errors.Wait();
            return process.ExitCode == 0 ? text : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
