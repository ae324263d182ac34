using System.Globalization;
using ActivationReplay.Files;
using CsvHelper;

namespace ActivationReplay.Ablations.Runs;

/// <summary>A CSV file that grows by rows, each flushed before the next is computed.</summary>
internal sealed class CsvTable<T> : IDisposable
{
    private readonly StreamWriter writer;
    private readonly CsvWriter csv;

    public CsvTable(string path)
        : this(new StreamWriter(path))
    {
    }

    internal CsvTable(StreamWriter writer)
    {
        this.writer = writer;
        csv = new CsvWriter(writer, CultureInfo.InvariantCulture);
        csv.WriteHeader<T>();
        csv.NextRecord();
    }

    public void Add(IEnumerable<T> rows)
    {
        foreach (var row in rows)
        {
            csv.WriteRecord(row);
            csv.NextRecord();
        }

        csv.Flush();
        writer.Flush();
    }

    public void Dispose()
    {
        csv.Dispose();
        writer.Dispose();
    }
}

internal static class CsvTable
{
    /// <summary>Writes a whole table; a reader never sees half of it.</summary>
    public static void Write<T>(string path, IEnumerable<T> rows) => AtomicFile.Write(path, stream =>
    {
        using var table = new CsvTable<T>(new StreamWriter(stream, leaveOpen: true));
        table.Add(rows);
    });
}
