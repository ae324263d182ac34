using System.Text.Json;
using ActivationReplay.Files;

namespace ActivationReplay.Ablations.Storage;

/// <summary>
/// A run on disk: <c>run.json</c>, <c>journal.jsonl</c> and what is made of them. The journal is append-only, a line an
/// answer, flushed to disk; a torn last line is cut off. One process at a time.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    private readonly FileStream held;
    private readonly FileStream journal;
    private readonly Dictionary<string, JournalEntry> entries = [];

    private RunFolder(string path, FileStream held)
    {
        Path = path;
        this.held = held;
        journal = new FileStream(Journal(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var whole = Parse(journal, path, entries);

        // A last line without its end was torn by an interruption: it is cut off and computed again.
        journal.SetLength(whole);
        journal.Position = whole;
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
            Parse(journal, path, found);
        }

        return found.Values;
    }

    /// <summary>Whether a folder holds answers of a run.</summary>
    public static bool HasAnswers(string path) =>
        File.Exists(Manifest(path)) && new FileInfo(Journal(path)) is { Exists: true, Length: > 0 };

    /// <summary>Whether a process is writing the folder.</summary>
    public static bool IsHeld(string path)
    {
        if (!File.Exists(Lock(path)))
        {
            return false;
        }

        try
        {
            using var free = new FileStream(Lock(path), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Opens or creates a run's folder.</summary>
    /// <exception cref="IOException">Another process has it.</exception>
    /// <exception cref="ArgumentException">It holds something else than a run; nothing is written there.</exception>
    public static RunFolder Open(string path)
    {
        var content = FolderContents.Of(path);
        if (content.Count > 0 && !File.Exists(Manifest(path)) && !File.Exists(Journal(path)))
        {
            throw new ArgumentException($"{path} holds no run, but {FolderContents.Say(content)}; name another --out.");
        }

        Directory.CreateDirectory(path);
        FileStream held;
        try
        {
            // The file stays: were it deleted, two processes could hold two files of that name.
            held = new FileStream(Lock(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(Lock(path)))
        {
            throw new IOException($"{path}: another process is writing this run; wait for it, or name another --out.", e);
        }

        return new RunFolder(path, held);
    }

    /// <summary>Appends answers and flushes them to the disk.</summary>
    public void Add(IEnumerable<JournalEntry> finished)
    {
        foreach (var entry in finished)
        {
            journal.Write(JsonSerializer.SerializeToUtf8Bytes(entry, JournalJson.Options));
            journal.WriteByte((byte)'\n');
            entries[entry.Key] = entry;
        }

        journal.Flush(flushToDisk: true);
    }

    /// <summary>Forgets every answer.</summary>
    public void Discard()
    {
        entries.Clear();
        journal.SetLength(0);
        journal.Flush(flushToDisk: true);
    }

    public void Dispose()
    {
        journal.Dispose();
        held.Dispose();
    }

    // Gives the length of the whole lines.
    private static long Parse(FileStream journal, string path, Dictionary<string, JournalEntry> entries)
    {
        var bytes = new byte[journal.Length];
        journal.ReadExactly(bytes);
        var (start, number) = (0, 0);
        for (int end; (end = Array.IndexOf(bytes, (byte)'\n', start)) >= 0; start = end + 1)
        {
            var entry = Parse(bytes.AsSpan(start, end - start), path, ++number);
            // Behind the others: where two keys are of one answer, the later one counts.
            entries.Remove(entry.Key);
            entries[entry.Key] = entry;
        }

        return start;
    }

    private static JournalEntry Parse(ReadOnlySpan<byte> line, string path, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<JournalEntry>(line, JournalJson.Options)
                ?? throw new InvalidDataException($"{Journal(path)}, line {number}: null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"{Journal(path)}, line {number}: {e.Message} Take this line out, or name another --out.", e);
        }
    }
}
