using System.Text.Json;

namespace ActivationReplay.Ablations.Storage;

/// <summary>Reads the whole lines of a journal, at once or as it grows.</summary>
/// <param name="path">The journal's file, for messages.</param>
internal sealed class JournalLines(string path)
{
    private int number;

    /// <summary>The length of the whole lines that were read; what stands behind them is not whole.</summary>
    public long End { get; private set; }

    /// <summary>Reads the lines behind <see cref="End"/>.</summary>
    /// <exception cref="InvalidDataException">A line is no answer; the message has its number.</exception>
    public void Read(FileStream journal, Action<JournalEntry> take)
    {
        journal.Position = End;
        var bytes = new byte[journal.Length - End];
        journal.ReadExactly(bytes);
        var start = 0;
        for (int end; (end = Array.IndexOf(bytes, (byte)'\n', start)) >= 0; start = end + 1)
        {
            take(Parse(bytes.AsSpan(start, end - start), ++number));
        }

        End += start;
    }

    private JournalEntry Parse(ReadOnlySpan<byte> line, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<JournalEntry>(line, JournalJson.Options)
                ?? throw new InvalidDataException($"{path}, line {number}: null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}, line {number}: {e.Message} Take this line out, or name another --out.", e);
        }
    }
}
