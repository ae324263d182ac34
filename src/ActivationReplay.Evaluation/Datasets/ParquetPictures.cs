using System.Globalization;
using ActivationReplay.Vision;
using Parquet;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>The location of a picture: bytes in the Parquet file, or a file beside it.</summary>
/// <param name="Group">The index of the row group.</param>
/// <param name="Column">The index of the picture column.</param>
/// <param name="Row">The index of the row in the group.</param>
/// <param name="Item">The index in the cell's list.</param>
/// <param name="HasBytes">Whether the file holds its bytes.</param>
/// <param name="Path">The name of its file, or null.</param>
internal sealed record ParquetPicture(int Group, int Column, int Row, int Item, bool HasBytes, string? Path);

/// <summary>
/// The pictures of a file. Parquet is read one column of a row group at a time; the last one is cached, since samples are used in
/// order.
/// </summary>
internal sealed class ParquetPictures(string path, IReadOnlyList<ParquetPictureColumn> columns)
{
    private readonly Lock _lock = new();
    private readonly (int Group, IReadOnlyList<ParquetCell>? Cells)[] _held = new (int, IReadOnlyList<ParquetCell>?)[columns.Count];

    /// <summary>The pictures of each row of a row group, in order.</summary>
    public async Task<IReadOnlyList<IReadOnlyList<ParquetPicture>>> ReadAsync(ParquetRowGroupReader reader, int group)
    {
        var rows = Enumerable.Range(0, (int)reader.RowCount).Select(_ => new List<ParquetPicture>()).ToArray();
        for (var column = 0; column < columns.Count; column++)
        {
            var bytes = columns[column].Bytes is { } b ? await b.ReadAsync(reader).ConfigureAwait(false) : null;
            var paths = columns[column].Path is { } p ? await p.ReadAsync(reader).ConfigureAwait(false) : null;
            for (var row = 0; row < rows.Length; row++)
            {
                for (var item = 0; item < (bytes ?? paths)![row].Items.Count; item++)
                {
                    var hasBytes = bytes?[row].Items[item] is byte[] { Length: > 0 };
                    var name = paths?[row].Items[item] as string;
                    // A column of single pictures is null where a row has none.
                    if (hasBytes || name is not null || (bytes ?? paths)![row].Items.Count > 1)
                    {
                        rows[row].Add(new ParquetPicture(group, column, row, item, hasBytes, name));
                    }
                }
            }
        }

        return rows;
    }

    /// <summary>The pictures of one row.</summary>
    /// <exception cref="FormatException">There is none, or one has neither bytes nor a file beside the data set.</exception>
    public IReadOnlyList<MediaFile> Files(IReadOnlyList<ParquetPicture> pictures, string location, DatasetFolder folder) =>
        pictures.Count == 0 ? throw new FormatException("it has no picture") :
        [
            .. pictures.Select((picture, i) => picture switch
            {
                { HasBytes: true } => File(picture, string.Create(CultureInfo.InvariantCulture, $"{path}, {location}, picture {i + 1}")),
                { Path: { } name } => folder.Picture(name),
                _ => throw new FormatException($"picture {i + 1} has neither bytes nor a path"),
            }),
        ];

    private MediaFile File(ParquetPicture picture, string name) => MediaFile.FromSource(name, () =>
    {
        try
        {
            return (byte[])Cells(picture.Group, picture.Column)[picture.Row].Items[picture.Item]!;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException || ParquetColumn.IsBadFile(e))
        {
            throw new MediaException(name, $"cannot be read; has the file changed? {e.Message}", e);
        }
    });

    private IReadOnlyList<ParquetCell> Cells(int group, int column)
    {
        lock (_lock)
        {
            if (_held[column].Cells is null || _held[column].Group != group)
            {
                // Let go first, so that two groups are never in memory.
                _held[column] = default;
                _held[column] = (group, ParquetFile.Read(path, reader => ReadAgainAsync(reader, group, column)));
            }

            return _held[column].Cells!;
        }
    }

    private async Task<IReadOnlyList<ParquetCell>> ReadAgainAsync(ParquetReader reader, int group, int column)
    {
        using var rows = reader.OpenRowGroupReader(group);
        return await columns[column].Bytes!.ReadAsync(rows).ConfigureAwait(false);
    }
}
