using System.Diagnostics;
using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Runs;

namespace ActivationReplay.Ablations.Commands;

/// <summary>Makes the manifest of a run that starts now.</summary>
internal static class RunManifests
{
    public static RunManifest Create(RunConfig config, LoadedPair pair, Shard? shard) => new()
    {
        Config = config,
        BaseFingerprint = pair.Checkpoints.Base.Fingerprint,
        RlvrFingerprint = pair.Checkpoints.Rlvr.Fingerprint,
        Command = string.Join(' ', Environment.GetCommandLineArgs().Skip(1)),
        Started = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        Shard = shard?.ToString(),
        GitCommit = GitCommit(),
        TorchSharp = typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(),
    };

    // Null where this is no git checkout, or git is not installed.
    private static string? GitCommit()
    {
        var start = new ProcessStartInfo("git", ["-C", AppContext.BaseDirectory, "rev-parse", "HEAD"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var git = Process.Start(start)!;
            var commit = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? commit : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
