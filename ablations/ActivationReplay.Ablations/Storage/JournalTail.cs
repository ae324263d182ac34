namespace ActivationReplay.Ablations.Storage;

/// <summary>Counts the answers of a journal while another process writes it, without reading anything twice.</summary>
/// <param name="folder">The run's folder; it need not be there.</param>
internal sealed class JournalTail(string folder)
{
    private readonly string path = RunFolder.Journal(folder);
    // By what is asked: the key of an error may be another than that of the answer which puts it right.
    private readonly Dictionary<(string Cell, string Sample, int Repetition), bool> failed = [];
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

        lines.Read(journal, Count);
        Failed = failed.Values.LongCount(f => f);
        Done = failed.Count - Failed;
    }

    // An error takes the place of no answer.
    private void Count(JournalEntry entry)
    {
        var asked = (entry.Row.Cell, entry.Row.Sample, entry.Row.Repetition);
        failed[asked] = entry.Row.Error is not null && failed.GetValueOrDefault(asked, true);
    }
}
