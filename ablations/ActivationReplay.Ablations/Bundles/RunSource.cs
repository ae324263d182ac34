using ActivationReplay.Ablations.Reports;

namespace ActivationReplay.Ablations.Bundles;

/// <summary>A run that a command reads: a folder as it is, or a bundle in a temporary folder that goes with this. A bundle is never written.</summary>
internal sealed class RunSource : IDisposable
{
    private RunSource(string folder, string? bundle) => (Folder, Bundle) = (folder, bundle);

    /// <summary>Where the run's files are; of a bundle, until this is disposed.</summary>
    public string Folder { get; }

    /// <summary>The bundle's path; null of a folder.</summary>
    public string? Bundle { get; }

    /// <summary>What the user calls it.</summary>
    public string Shown => Bundle ?? Folder;

    /// <summary>Opens a run that is named by its folder, its name under results/, or its bundle.</summary>
    /// <exception cref="InvalidDataException">The bundle is damaged; the message names it and the entry.</exception>
    /// <exception cref="ArgumentException">It is another file.</exception>
    public static RunSource Open(string run)
    {
        if (!File.Exists(run))
        {
            return new RunSource(StoredRun.Locate(run), null);
        }

        if (!RunBundle.Is(run))
        {
            throw new ArgumentException($"{run} is a file, and no bundle; a run is a folder, or a zip that bundle wrote.");
        }

        var folder = Directory.CreateTempSubdirectory("activation-replay-").FullName;
        try
        {
            RunBundle.Unpack(run, folder);
            return new RunSource(folder, run);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>The run.</summary>
    /// <exception cref="ArgumentException">The folder holds none.</exception>
    public StoredRun Read() => StoredRun.Read(Folder) with { Name = Shown };

    /// <summary>The folder into which a bundle is unpacked for its files to be made again: beside it, of its name.</summary>
    /// <exception cref="ArgumentException">There is something of that name.</exception>
    public static string FolderOf(string bundle)
    {
        var folder = Path.ChangeExtension(Path.GetFullPath(bundle), null);
        return folder == Path.GetFullPath(bundle) || Path.Exists(folder)
            ? throw new ArgumentException($"{bundle} is a bundle, which is never written; its files would be made in {folder}, which is there already. Name that folder, or move it away.")
            : folder;
    }

    /// <summary>Makes a bundle's run a folder of its own; a run that is one stays.</summary>
    public void CopyTo(string folder)
    {
        if (Bundle is { } bundle)
        {
            // Beside it first, so that half a run never has the name of one.
            var partial = Directory.CreateDirectory($"{folder}.{Guid.NewGuid():N}.tmp").FullName;
            try
            {
                RunBundle.Unpack(bundle, partial);
                Directory.Move(partial, folder);
            }
            finally
            {
                if (Directory.Exists(partial))
                {
                    Directory.Delete(partial, recursive: true);
                }
            }
        }
    }

    public void Dispose()
    {
        if (Bundle is not null)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
