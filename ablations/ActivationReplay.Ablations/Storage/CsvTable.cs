using System.Globalization;
using CsvHelper;

namespace ActivationReplay.Ablations.Storage;

/// <summary>A CSV file that grows by rows, each flushed before the next is computed.</summary>
internal sealed class CsvTable<T> : IDisposable
{
    private readonly StreamWriter writer;
    private readonly CsvWriter csv;

    public CsvTable(string path)
    {
        writer = new StreamWriter(path);
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
    public static void Write<T>(string path, IEnumerable<T> rows)
    {
        var unfinished = path + ".tmp";
        using (var table = new CsvTable<T>(unfinished))
        {
            table.Add(rows);
        }

        File.Move(unfinished, path, overwrite: true);
    }
}
