namespace ActivationReplay.Ablations.Storage;

/// <summary>How a run treats answers that its folder has already.</summary>
public enum ResumeMode
{
    /// <summary>Continues a run of the same configuration, and refuses another.</summary>
    Same,

    /// <summary>Refuses a folder with any answers.</summary>
    Never,

    /// <summary>Deletes the answers and begins anew.</summary>
    Discard,
}

/// <summary>Makes sure that a run's folder holds one configuration only.</summary>
internal static class RunClaim
{
    private const int Shown = 8;

    /// <summary>Writes the manifest of a run that starts now, or goes on.</summary>
    /// <exception cref="ArgumentException">
    /// The folder holds another run, or any and <paramref name="mode"/> allows none.
    /// </exception>
    public static void Take(RunFolder folder, RunManifest manifest, ResumeMode mode)
    {
        if (mode == ResumeMode.Discard)
        {
            folder.Discard();
        }

        if (mode == ResumeMode.Never && folder.Entries.Count > 0)
        {
            throw new ArgumentException(
                $"{folder.Path} holds {folder.Entries.Count} answers, and --resume never was asked for; name another --out, or --resume discard.");
        }

        Refuse(folder, manifest);
        var earlier = folder.Entries.Count > 0 ? RunManifest.Read(folder.Path) : manifest with { Sessions = [] };
        (manifest with
        {
            Command = earlier.Command,
            Started = earlier.Started,
            Sessions = [.. earlier.Sessions, .. manifest.Sessions],
        }).Write(folder.Path);
    }

    /// <summary>Refuses a folder with answers of another run.</summary>
    /// <exception cref="ArgumentException">They are; the message names the differences.</exception>
    public static void Refuse(RunFolder folder, RunManifest manifest)
    {
        if (folder.Entries.Count == 0)
        {
            return;
        }

        if (!File.Exists(RunFolder.Manifest(folder.Path)))
        {
            throw new ArgumentException($"{folder.Path} holds a journal without run.json: whose it is cannot be told; name another --out.");
        }

        var differences = RunManifest.Read(folder.Path).DifferencesTo(manifest);
        if (differences.Count > 0)
        {
            throw new ArgumentException(
                $"{folder.Path} holds another run; name another --out, or --resume discard. They differ in "
                + string.Join("; ", differences.Take(Shown))
                + (differences.Count > Shown ? FormattableString.Invariant($"; and {differences.Count - Shown} more") : ""));
        }
    }
}
