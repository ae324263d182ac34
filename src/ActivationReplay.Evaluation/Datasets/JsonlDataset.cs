using System.Globalization;
using System.Text.Json;
using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// One JSON object a line: <c>question</c>, <c>answer</c>, <c>images</c> (or <c>image</c>) with paths beside the file, and
/// where present <c>id</c> and <c>family</c>.
/// </summary>
public static class JsonlDataset
{
    /// <summary>Reads every line. Bad lines become rows with an error that names the line and the key.</summary>
    /// <exception cref="DatasetException">The file is not there, empty, or two rows have one id.</exception>
    public static IReadOnlyList<DatasetRow> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new DatasetException(path, "no such file; a data set is a .jsonl file with one question a line");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var rows = new List<DatasetRow>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, line) in File.ReadLines(path).Index())
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            var number = index + 1;
            var row = ReadRow(line, number, folder);
            if (!ids.Add(row.Id))
            {
                throw new DatasetException(path, $"line {number}: the id '{row.Id}' stands on an earlier line, too; ids are unique");
            }

            rows.Add(row);
        }

        return rows.Count > 0 ? rows : throw new DatasetException(path, "it has no rows");
    }

    private static DatasetRow ReadRow(string line, int number, string folder)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"line {number}");
        try
        {
            using var json = JsonDocument.Parse(line);
            var row = json.RootElement;
            if (row.ValueKind != JsonValueKind.Object)
            {
                throw new FormatException($"a JSON {row.ValueKind} stands where an object belongs");
            }

            id = Optional(row, "id") ?? id;
            MediaFile[] images = [.. Images(row).Select(name => MediaFile.FromPath(Inside(folder, name)))];
            return new DatasetRow(
                id, new Sample(id, Required(row, "question"), images, Required(row, "answer"), Optional(row, "family")), null);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return new DatasetRow(id, null, string.Create(CultureInfo.InvariantCulture, $"line {number}: {e.Message}"));
        }
    }

    private static IEnumerable<string> Images(JsonElement row)
    {
        if (row.TryGetProperty("images", out var images))
        {
            return images.ValueKind == JsonValueKind.Array && images.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String)
                ? [.. images.EnumerateArray().Select(i => i.GetString()!)]
                : throw new FormatException("'images' is a list of paths");
        }

        return Optional(row, "image") is { } one ? [one] : [];
    }

    // A data set may name only files of its own folder.
    private static string Inside(string folder, string name)
    {
        var full = Path.GetFullPath(Path.Combine(folder, name));
        return full.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full
            : throw new FormatException($"the picture '{name}' lies outside the data set's folder; paths are relative to it");
    }

    private static string Required(JsonElement row, string key) =>
        Optional(row, key) ?? throw new FormatException($"the key '{key}' is missing");

    private static string? Optional(JsonElement row, string key) =>
        !row.TryGetProperty(key, out var value) ? null
        : value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.Null => null,
            _ => throw new FormatException($"'{key}' is a {value.ValueKind}; a text or a number belongs there"),
        };
}
