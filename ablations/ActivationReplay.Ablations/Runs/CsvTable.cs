using System.Globalization;
using CsvHelper;

namespace ActivationReplay.Ablations.Runs;

/// <summary>CSV files, written whole.</summary>
internal static class CsvTable
{
    /// <summary>Writes rows under a header of their properties' names; a reader never sees half a file.</summary>
    public static void Write<T>(string path, IEnumerable<T> rows)
    {
        var unfinished = path + ".tmp";
        using (var writer = new StreamWriter(unfinished))
        using (var csv = new CsvWriter(writer, CultureInfo.InvariantCulture))
        {
            csv.WriteRecords(rows);
        }

        File.Move(unfinished, path, overwrite: true);
    }
}
