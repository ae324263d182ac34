using System.Diagnostics;
using System.Text;

namespace ActivationReplay.Ablations.Storage;

/// <summary>A folder that another process is writing.</summary>
internal sealed class FolderHeldException(string message, Exception? cause = null) : IOException(message, cause);

/// <summary>How leases are kept.</summary>
/// <param name="Machine">As <see cref="LeaseHolder.Machine"/>.</param>
/// <param name="Beat">Between two signs of life.</param>
/// <param name="Silence">Without a sign of life for so long, by the clock of whoever waits, a holder counts as dead.</param>
internal sealed record LeaseTerms(string Machine, TimeSpan Beat, TimeSpan Silence)
{
    /// <summary>Those of runs: network file systems may show a change some seconds late.</summary>
    public static LeaseTerms Default { get; } = new(LeaseHolder.ThisMachine, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60));
}

/// <summary>
/// The right to write a folder that machines share, by the content of a file, <c>.lease</c>: locks of the system may not reach other
/// machines, and may outlive a dead one. Its holder changes the file at every beat. Clocks are never compared: whoever finds a lease
/// watches by its own clock whether it changes. What is assumed of the file system: a file is made new, and renamed, by one process
/// alone, and a file that is opened has what was flushed before.
/// </summary>
internal sealed class FolderLease : IDisposable
{
    private const string FileName = ".lease";

    private readonly string path;
    private readonly LeaseHolder holder;
    private readonly FileStream file;
    private readonly Lock writing = new();
    private readonly Timer timer;
    private long beat;
    private string? problem;
    private bool isOver;

    private FolderLease(string path, FileStream file, LeaseTerms terms)
    {
        (this.path, this.file) = (path, file);
        holder = LeaseHolder.Here(terms.Machine);
        try
        {
            Write();
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }

        timer = new Timer(_ => Beat(), null, terms.Beat, terms.Beat);
    }

    /// <summary>Takes the lease of a folder. A holder that is dead is found out at once on its own machine, by its silence on another.</summary>
    /// <param name="folder">The folder, which is there.</param>
    /// <param name="terms">How leases are kept.</param>
    /// <param name="say">Told, once, why this takes a while; null for nobody.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="FolderHeldException">Its holder is alive.</exception>
    public static FolderLease Take(string folder, LeaseTerms terms, Action<string>? say, CancellationToken cancel)
    {
        var path = Path.Combine(folder, FileName);
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            if (Make(path) is { } file)
            {
                return new FolderLease(path, file, terms);
            }

            if (Read(path) is { } there && IsSilent(folder, path, there, terms, say, cancel))
            {
                Remove(path, there);
            }
        }
    }

    // Null where there is one. Whoever takes it over renames it, which must not fail where files that are open cannot be renamed otherwise.
    // Without a buffer, so that what a full disk refuses is not written once more when it is closed.
    private static FileStream? Make(string path)
    {
        try
        {
            return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    /// <summary>Who has the lease of a folder, or had it when it died; null where nobody has.</summary>
    public static LeaseHolder? HolderOf(string folder) =>
        Read(Path.Combine(folder, FileName)) is { } text ? LeaseHolder.Parse(text) : null;

    /// <summary>
    /// Whether a folder's lease was changed a short while ago: a guess for tables, in which clocks are compared. <see cref="Take"/>
    /// compares none.
    /// </summary>
    public static bool IsFresh(string folder, LeaseTerms terms) =>
        new FileInfo(Path.Combine(folder, FileName)) is { Exists: true } file && (DateTime.UtcNow - file.LastWriteTimeUtc).Duration() < terms.Silence;

    /// <summary>Makes sure, before something is written, that nobody has taken the folder over.</summary>
    /// <exception cref="IOException">Somebody has: this process was taken for dead.</exception>
    public void Check()
    {
        if (Read(path)?.Contains(holder.Token, StringComparison.Ordinal) != true)
        {
            var by = HolderOf(Path.GetDirectoryName(path)!) is { } other ? $"by {other}" : "or its file .lease was deleted";
            throw new IOException(
                $"{Path.GetDirectoryName(path)}: this run was taken over, {by}, after no sign of life was seen of this process{problem}. What it had finished is in the journal.");
        }
    }

    public void Dispose()
    {
        lock (writing)
        {
            isOver = true;
            timer.Dispose();
            file.Dispose();
        }

        if (Read(path)?.Contains(holder.Token, StringComparison.Ordinal) == true)
        {
            File.Delete(path);
        }
    }

    private void Beat()
    {
        lock (writing)
        {
            if (isOver)
            {
                return;
            }

            try
            {
                Write();
                problem = null;
            }
            catch (IOException e)
            {
                // Others see silence, as they should. Whether they took the folder over is looked at before anything is written.
                problem = $" ({e.Message})";
            }
        }
    }

    private void Write()
    {
        file.Position = 0;
        file.Write(Encoding.UTF8.GetBytes(holder.Text(beat++)));
        file.Flush(flushToDisk: true);
    }

    private static bool IsSilent(string folder, string path, string first, LeaseTerms terms, Action<string>? say, CancellationToken cancel)
    {
        var other = LeaseHolder.Parse(first);
        if (other?.Machine == terms.Machine && !other.IsAlive())
        {
            return true;
        }

        var who = other?.ToString() ?? "another process";
        say?.Invoke(FormattableString.Invariant(
            $"{folder} is or was written by {who}; waiting up to {terms.Silence.TotalSeconds:0} s for a sign of life, and going on without one."));
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < terms.Silence;)
        {
            cancel.WaitHandle.WaitOne(terms.Beat / 4);
            cancel.ThrowIfCancellationRequested();
            var now = Read(path);
            if (now is null)
            {
                return false; // given back, or taken from the dead by another: the next try tells
            }

            if (now != first)
            {
                throw new FolderHeldException($"{folder}: another process is writing this run: {who}. Wait for it, or name another --out.");
            }
        }

        return true;
    }

    // Of several that take a dead holder's lease away one renames it. Whoever comes later may catch the next holder's, and gives it back.
    private static void Remove(string path, string expected)
    {
        if (Read(path) != expected)
        {
            return;
        }

        var aside = $"{path}.{Guid.NewGuid():N}";
        try
        {
            File.Move(path, aside);
        }
        catch (FileNotFoundException)
        {
            return;
        }

        if (Read(aside) != expected)
        {
            File.Move(aside, path);
            return;
        }

        File.Delete(aside);
    }

    private static string? Read(string path)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
