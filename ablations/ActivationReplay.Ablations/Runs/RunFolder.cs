using System.Text.Json;

namespace ActivationReplay.Ablations.Runs;

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
        ReadJournal();
    }

    public string Path { get; }

    /// <summary>Finished answers by key. Where a key stands twice the later one counts.</summary>
    public IReadOnlyDictionary<string, JournalEntry> Entries => entries;

    public static string Journal(string folder) => System.IO.Path.Combine(folder, "journal.jsonl");

    public static string Manifest(string folder) => System.IO.Path.Combine(folder, "run.json");

    /// <summary>Opens or creates a run's folder.</summary>
    /// <exception cref="IOException">Another process has it.</exception>
    public static RunFolder Open(string path)
    {
        Directory.CreateDirectory(path);
        FileStream held;
        try
        {
            held = new FileStream(
                System.IO.Path.Combine(path, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException e)
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

    public void Dispose()
    {
        journal.Dispose();
        held.Dispose();
    }

    private void ReadJournal()
    {
        var bytes = new byte[journal.Length];
        journal.ReadExactly(bytes);
        var (start, number) = (0, 0);
        for (int end; (end = Array.IndexOf(bytes, (byte)'\n', start)) >= 0; start = end + 1)
        {
            var entry = Parse(bytes.AsSpan(start, end - start), ++number);
            entries[entry.Key] = entry;
        }

        // A last line without its end was torn by an interruption: it is cut off and computed again.
        journal.SetLength(start);
        journal.Position = start;
    }

    private JournalEntry Parse(ReadOnlySpan<byte> line, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<JournalEntry>(line, JournalJson.Options)
                ?? throw new InvalidDataException($"{Journal(Path)}, line {number}: null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"{Journal(Path)}, line {number}: {e.Message} Take this line out, or name another --out.", e);
        }
    }
}
