using System.Text.Json;
using ActivationReplay.Files;

namespace ActivationReplay.Ablations.Storage;

/// <summary>
/// A run on disk: <c>run.json</c>, <c>journal.jsonl</c> and what is made of them. The journal is append-only, a line an
/// answer, flushed to disk; a torn last line is cut off. One process at a time, of whatever machine.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    private readonly FileStream? held;
    private readonly FolderLease lease;
    private readonly FileStream journal;
    private readonly Dictionary<string, JournalEntry> entries = [];

    private RunFolder(string path, FileStream? held, FolderLease lease)
    {
        Path = path;
        this.held = held;
        this.lease = lease;
        journal = new FileStream(Journal(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            var lines = new JournalLines(Journal(path));
            lines.Read(journal, entry => Keep(entries, entry));

            // A last line without its end was torn by an interruption: it is cut off and computed again.
            journal.SetLength(lines.End);
            journal.Position = lines.End;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    public string Path { get; }

    /// <summary>Finished answers by key. Where a key stands twice the later one counts.</summary>
    public IReadOnlyDictionary<string, JournalEntry> Entries => entries;

    public static string Journal(string folder) => System.IO.Path.Combine(folder, "journal.jsonl");

    public static string Manifest(string folder) => System.IO.Path.Combine(folder, "run.json");

    private static string Lock(string folder) => System.IO.Path.Combine(folder, ".lock");

    /// <summary>The finished answers of a folder that another process may be writing; nothing is changed.</summary>
    public static IReadOnlyCollection<JournalEntry> Peek(string path)
    {
        var found = new Dictionary<string, JournalEntry>();
        if (File.Exists(Journal(path)))
        {
            using var journal = new FileStream(Journal(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            new JournalLines(Journal(path)).Read(journal, entry => Keep(found, entry));
        }

        return found.Values;
    }

    /// <summary>Whether a folder holds answers of a run.</summary>
    public static bool HasAnswers(string path) =>
        File.Exists(Manifest(path)) && new FileInfo(Journal(path)) is { Exists: true, Length: > 0 };

    /// <summary>
    /// Whether a process is writing the folder: a guess by the age of its last sign of life, and of one on this machine by its number, too.
    /// Nothing is locked for it: a run that begins at this moment would be refused.
    /// </summary>
    public static bool IsHeld(string path) => FolderLease.HolderOf(path) is { } holder
        && (holder.Machine != LeaseTerms.Default.Machine || holder.IsAlive()) && FolderLease.IsFresh(path, LeaseTerms.Default);

    /// <summary>Opens or creates a run's folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="say">Told why it takes a while, where another machine's process may have it; null for nobody.</param>
    /// <param name="terms">How its lease is kept; null is as runs do.</param>
    /// <param name="cancel">Gives up waiting.</param>
    /// <exception cref="FolderHeldException">Another process has it.</exception>
    /// <exception cref="ArgumentException">It holds something else than a run; nothing is written there.</exception>
    public static RunFolder Open(string path, Action<string>? say = null, LeaseTerms? terms = null, CancellationToken cancel = default)
    {
        terms ??= LeaseTerms.Default;
        var content = FolderContents.Of(path);
        if (content.Count > 0 && !File.Exists(Manifest(path)) && !File.Exists(Journal(path)) && !Submission.IsIn(path))
        {
            throw new ArgumentException($"{path} holds no run, but {FolderContents.Say(content)}; name another --out.");
        }

        Directory.CreateDirectory(path);

        // The lock answers at once on one machine, and stays until the process is gone. Between machines the lease decides alone: a
        // lock may be seen by none of the others, or be left by a machine that died.
        var held = TryLock(path);
        var other = FolderLease.HolderOf(path);
        if (held is null && (other is null || other.Machine == terms.Machine))
        {
            throw new FolderHeldException(
                $"{path}: another process is writing this run{(other is null ? "" : $": {other}")}. Wait for it, or name another --out.");
        }

        FolderLease? lease = null;
        try
        {
            lease = FolderLease.Take(path, terms, say, cancel);
            return new RunFolder(path, held, lease);
        }
        catch
        {
            lease?.Dispose();
            held?.Dispose();
            throw;
        }
    }

    /// <summary>Appends answers and flushes them to the disk.</summary>
    /// <exception cref="IOException">Another process has taken the folder over; nothing is written.</exception>
    public void Add(IEnumerable<JournalEntry> finished)
    {
        lease.Check();
        foreach (var entry in finished)
        {
            journal.Write(JsonSerializer.SerializeToUtf8Bytes(entry, JournalJson.Options));
            journal.WriteByte((byte)'\n');
            entries[entry.Key] = entry;
        }

        journal.Flush(flushToDisk: true);
    }

    /// <summary>Makes sure, before files are made of the journal, that the folder is still this process's.</summary>
    /// <exception cref="IOException">Another process has taken it over.</exception>
    public void Check() => lease.Check();

    /// <summary>Forgets every answer.</summary>
    public void Discard()
    {
        lease.Check();
        entries.Clear();
        journal.SetLength(0);
        journal.Flush(flushToDisk: true);
    }

    public void Dispose()
    {
        journal.Dispose();
        lease.Dispose();
        held?.Dispose();
    }

    // Null where another process has it. The file stays: were it deleted, two processes could hold two files of that name.
    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(Lock(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(Lock(path)))
        {
            return null;
        }
    }

    // Behind the others: where two keys are of one answer, the later one counts.
    private static void Keep(Dictionary<string, JournalEntry> entries, JournalEntry entry)
    {
        entries.Remove(entry.Key);
        entries[entry.Key] = entry;
    }
}
