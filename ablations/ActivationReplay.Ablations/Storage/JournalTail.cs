namespace ActivationReplay.Ablations.Storage;

/// <summary>Counts the answers of a journal while another process writes it, without reading anything twice.</summary>
/// <param name="folder">The run's folder; it need not be there.</param>
internal sealed class JournalTail(string folder)
{
    private readonly string path = RunFolder.Journal(folder);
    private readonly Dictionary<string, bool> failed = [];
    private JournalLines? lines;

    /// <summary>Answers without an error, at the last look.</summary>
    public long Done { get; private set; }

    /// <summary>Error rows, at the last look.</summary>
    public long Failed { get; private set; }

    /// <summary>Looks what was added.</summary>
    /// <exception cref="InvalidDataException">A line is no answer.</exception>
    public void Look()
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var journal = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (lines is null || journal.Length < lines.End)
        {
            // Begun anew.
            failed.Clear();
            lines = new JournalLines(path);
        }

        lines.Read(journal, entry => failed[entry.Key] = entry.Row.Error is not null);
        Failed = failed.Values.LongCount(f => f);
        Done = failed.Count - Failed;
    }
}
