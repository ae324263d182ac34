using System.Globalization;
using System.Runtime.InteropServices;
using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Doctor;

/// <summary>This program, .NET, the system.</summary>
internal sealed class VersionCheck : ICheck
{
    public string Name => "program";

    public Finding Run()
    {
        var commit = EnvironmentReader.Source(AppContext.BaseDirectory).Commit;
        return Finding.Ok(
            $"{EnvironmentReader.Version(typeof(VersionCheck).Assembly)}{(commit is null ? "" : $", commit {commit}")}, {RuntimeInformation.FrameworkDescription}, "
            + $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.RuntimeIdentifier}");
    }
}

/// <summary>Processor and memory.</summary>
/// <param name="memory">Bytes that this process may use.</param>
internal sealed class MachineCheck(long memory) : ICheck
{
    private const double Least = 2e9; // the small pair and its run take about 1 GB

    public string Name => "machine";

    public Finding Run()
    {
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{EnvironmentReader.Cpu() ?? "unknown processor"}, {Environment.ProcessorCount} cores, {memory / 1e9:0.0} GB of memory");
        return memory >= Least ? Finding.Ok(text) : Finding.Warn(text, "That is little even for the small pair: give the container or process more.");
    }
}

/// <summary>The programs that read videos.</summary>
/// <param name="output">What a program says to some arguments; null where it is not there.</param>
internal sealed class FfmpegCheck(Func<string, IReadOnlyList<string>, string?> output) : ICheck
{
    public string Name => "ffmpeg";

    public Finding Run()
    {
        string[] missing = [.. new[] { "ffmpeg", "ffprobe" }.Where(program => output(program, ["-version"]) is null)];
        return missing.Length == 0
            ? Finding.Ok(output("ffmpeg", ["-version"])!.Split('\n')[0].Split(" Copyright")[0])
            : Finding.Warn(
                $"{string.Join(" and ", missing)}: not on the PATH; only video files need it",
                "apt-get install ffmpeg on Debian and Ubuntu, brew install ffmpeg on macOS, winget install ffmpeg on Windows");
    }
}

/// <summary>A folder that is written to.</summary>
/// <param name="what">What it holds.</param>
/// <param name="folder">Its path; it need not be there yet.</param>
internal sealed class FolderCheck(string what, string folder) : ICheck
{
    private const double Least = 1e9;

    public string Name => what;

    public Finding Run()
    {
        var there = new DirectoryInfo(Path.GetFullPath(folder));
        while (!there.Exists && there.Parent is { } parent)
        {
            there = parent;
        }

        try
        {
            File.Create(Path.Combine(there.FullName, $".doctor-{Guid.NewGuid():N}"), 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Fail($"{there.FullName} cannot be written to: {e.Message}", $"The {what} go there: choose another folder, or make it writable.");
        }

        var free = new DriveInfo(there.FullName).AvailableFreeSpace;
        var text = string.Create(CultureInfo.InvariantCulture, $"{there.FullName}, {free / 1e9:0.0} GB free");
        return free >= Least ? Finding.Ok(text) : Finding.Warn(text, "A run with states on disk may fill it: validate says how much it needs.");
    }
}
