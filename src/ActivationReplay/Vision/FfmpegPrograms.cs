using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace ActivationReplay.Vision;

/// <summary>Where the programs <c>ffmpeg</c> and <c>ffprobe</c> are.</summary>
/// <param name="Ffmpeg">The path of ffmpeg.</param>
/// <param name="Probe">The path of ffprobe.</param>
internal sealed record FfmpegPrograms(string Ffmpeg, string Probe)
{
    private const string Install =
        "apt-get install ffmpeg on Debian and Ubuntu, brew install ffmpeg on macOS, winget install ffmpeg on Windows";

    /// <summary>Looks in one folder, or in those of the PATH; null where one of the programs is missing.</summary>
    public static FfmpegPrograms? Find(string? folder)
    {
        var folders = folder is null
            ? (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Where(Path.IsPathRooted)
            : [Path.GetFullPath(folder)];
        var extension = OperatingSystem.IsWindows() ? ".exe" : "";
        string? First(string name) => folders.Select(f => Path.Combine(f, name + extension)).FirstOrDefault(File.Exists);
        return First("ffmpeg") is { } ffmpeg && First("ffprobe") is { } probe
            ? new FfmpegPrograms(ffmpeg, probe)
            : null;
    }

    /// <summary>Starts one of them; its output and its errors are to be read.</summary>
    /// <param name="name">The clip, for the error.</param>
    /// <param name="program">The program's path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="MediaException">It cannot be started.</exception>
    public static Process Start(string name, string program, IReadOnlyList<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
                StandardErrorEncoding = Encoding.UTF8,
            })!;
        }
        catch (Win32Exception error)
        {
            throw new MediaException(name, $"{program} cannot be started: {error.Message}", error);
        }
    }

    /// <summary>The error for a clip that cannot be read without them.</summary>
    public static MediaException Missing(string name, string? folder)
    {
        var location = folder is null ? "on the PATH" : $"in {folder}";
        return new(name, $"needs the programs ffmpeg and ffprobe, which are not {location}. Install them: {Install}.");
    }
}
