using System.Globalization;
using Parquet.Schema;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>A column of pictures: bytes, and where there is one the name of a file.</summary>
/// <param name="Bytes">Null where the column has paths alone.</param>
/// <param name="Path">Null where the column has bytes alone.</param>
internal sealed record ParquetPictureColumn(ParquetColumn? Bytes, ParquetColumn? Path);

/// <summary>The columns of a file that are read.</summary>
internal sealed record ParquetColumns
{
    private static readonly string[] s_texts =
    [
        "id", "index", "question", "problem", "answer", "hint", "category", "family", "question_type", "problem_type", "choices", "options", "candidates", "video", "video_path",
        .. ChoiceFields.Letters.Select(l => l.ToString()),
    ];

    /// <summary>Columns of text and numbers by name.</summary>
    public required IReadOnlyDictionary<string, ParquetColumn> Texts { get; init; }

    /// <summary>Columns of pictures, in the pictures' order.</summary>
    public required IReadOnlyList<ParquetPictureColumn> Pictures { get; init; }

    /// <exception cref="DatasetException">A column is missing.</exception>
    public static ParquetColumns Find(string path, ParquetSchema schema)
    {
        var byName = schema.Fields.ToDictionary(f => f.Name, StringComparer.Ordinal);
        var texts = new Dictionary<string, ParquetColumn>(StringComparer.Ordinal);
        foreach (var name in s_texts)
        {
            if (byName.TryGetValue(name, out var field) && (Leaf(field) ?? (field is StructField parts ? Part(parts, "path", null) : null)) is { } column)
            {
                texts[name] = column;
            }
        }

        ParquetPictureColumn[] pictures = [.. PictureNames(byName.Keys).Select(n => Picture(byName[n])).OfType<ParquetPictureColumn>()];
        string[] missing =
        [
            .. texts.ContainsKey("question") || texts.ContainsKey("problem") ? Array.Empty<string>() : ["question"],
            .. texts.ContainsKey("answer") ? Array.Empty<string>() : ["answer"],
            .. pictures.Length > 0 || texts.ContainsKey("video") || texts.ContainsKey("video_path")
                ? Array.Empty<string>()
                : ["image or images (bytes, or structs of bytes and path), or video (a path)"],
        ];
        return missing.Length == 0
            ? new ParquetColumns { Texts = texts, Pictures = pictures }
            : throw new DatasetException(path, $"it lacks the columns {string.Join(", ", missing)}; it has {string.Join(", ", byName.Keys)}");
    }

    private static IEnumerable<string> PictureNames(IEnumerable<string> names)
    {
        var all = names.ToHashSet(StringComparer.Ordinal);
        return all.Contains("images") ? ["images"]
            : all.Contains("image") ? ["image"]
            : all.Select(n => (Name: n, Number: Number(n))).Where(n => n.Number is not null).OrderBy(n => n.Number).Select(n => n.Name);

        static int? Number(string name) => name.StartsWith("image_", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan("image_".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static ParquetPictureColumn? Picture(Field field)
    {
        var (list, item) = field is ListField l ? (l, l.Item) : (null, field);
        return item switch
        {
            StructField parts => Of(Part(parts, "bytes", list), Part(parts, "path", list)),
            DataField data when data.ClrType == typeof(ReadOnlyMemory<byte>) || data.ClrType == typeof(byte[]) => new(new ParquetColumn(data, list), null),
            DataField data when IsText(data) => new(null, new ParquetColumn(data, list)),
            _ => null,
        };

        static ParquetPictureColumn? Of(ParquetColumn? bytes, ParquetColumn? path) => bytes is null && path is null ? null : new(bytes, path);
    }

    // A column in which every path is null has no type of text.
    private static ParquetColumn? Part(StructField parts, string name, ListField? list) =>
        parts.Fields.OfType<DataField>().FirstOrDefault(f => f.Name == name && (name == "bytes" || IsText(f))) is { } field
            ? new ParquetColumn(field, list)
            : null;

    private static ParquetColumn? Leaf(Field field) => field switch
    {
        DataField data => new ParquetColumn(data, null),
        ListField { Item: DataField data } list => new ParquetColumn(data, list),
        _ => null,
    };

    private static bool IsText(DataField field) => field.ClrType == typeof(ReadOnlyMemory<char>) || field.ClrType == typeof(string);
}
