using System.Globalization;
using ActivationReplay.Files;
using CsvHelper;
using CsvHelper.Configuration;

namespace ActivationReplay.Ablations.Storage;

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
        WriteAll(typeof(ISettingRow<T>).IsAssignableFrom(typeof(T)) ? SettingColumns.Names : []);
        csv.NextRecord();
    }

    public void Add(IEnumerable<T> rows)
    {
        foreach (var row in rows)
        {
            csv.WriteRecord(row);
            WriteAll(row is ISettingRow<T> { Settings: var settings } ? SettingColumns.Names.Select(n => settings.Values.GetValueOrDefault(n)) : []);
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

    private void WriteAll(IEnumerable<string?> fields)
    {
        foreach (var field in fields)
        {
            csv.WriteField(field);
        }
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

    /// <summary>
    /// Reads a table that <see cref="Write"/> wrote, of an earlier version perhaps: columns that it lacks are left out.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// It is no such table; the message names the file, the row and what is wrong.
    /// </exception>
    public static IReadOnlyList<T> Read<T>(string path)
    {
        using var reader = new StreamReader(path);
        using var csv = new CsvReader(reader, new CsvConfiguration(CultureInfo.InvariantCulture) { HeaderValidated = null, MissingFieldFound = null });
        csv.Context.TypeConverterOptionsCache.GetOptions<string>().NullValues.Add("");
        try
        {
            var rows = new List<T>();
            csv.Read();
            csv.ReadHeader();
            while (csv.Read())
            {
                var row = csv.GetRecord<T>();
                rows.Add(row is ISettingRow<T> with ? with.With(SettingsOf(csv)) : row);
            }

            return rows;
        }
        catch (CsvHelperException e)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture, $"{path}, line {e.Context?.Parser?.Row}: {e.Message.Split('\n')[0].Trim()}"), e);
        }
    }

    private static SettingColumns SettingsOf(CsvReader csv)
    {
        var values = new Dictionary<string, string>();
        foreach (var name in SettingColumns.Names)
        {
            if (csv.TryGetField<string>(name, out var text) && !string.IsNullOrEmpty(text))
            {
                values[name] = text;
            }
        }

        return new SettingColumns(values);
    }
}
