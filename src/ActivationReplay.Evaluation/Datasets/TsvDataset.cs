using System.Globalization;
using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// VLMEvalKit's TSV: columns <c>index</c>, <c>question</c>, <c>answer</c>, and <c>image</c> (base64, a list of base64 texts, or
/// the index of the row whose pictures they are) or <c>image_path</c> (a path beside the file, or a list of paths); where present
/// <c>A</c> to <c>Z</c> (options; an empty cell is none), <c>hint</c>, <c>category</c>, <c>cycle_category</c>, <c>question_type</c>. An <c>image</c> cell that
/// is not empty goes before <c>image_path</c>. Of its sets of videos <c>video</c> or <c>video_path</c>, <c>candidates</c> (a list) and
/// <c>task_type</c>, too.
/// </summary>
public static class TsvDataset
{
    /// <summary>
    /// Reads every row but its pictures, which are checked and left on disk: memory is that of the longest row and of all text.
    /// </summary>
    /// <param name="path">The file, in UTF-8.</param>
    /// <param name="template">The template of the prompts; null takes <see cref="Sample.Prompt"/>'s.</param>
    /// <param name="videos">Where videos are, and which frames are taken.</param>
    /// <exception cref="DatasetException">
    /// The file lacks a column, has no rows or is not UTF-8, or two rows have one index.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<DatasetRow> Read(string path, PromptTemplate? template = null, VideoSettings? videos = null)
    {
        using var reader = new TsvReader(TsvImageCell.OpenAt(path, TextStart(path)));
        try
        {
            if (!reader.Read())
            {
                throw new DatasetException(path, "it is empty; its first line names the columns");
            }

            var columns = TsvColumns.Read(path, reader);
            var rows = new List<TsvRow>();
            while (reader.Read())
            {
                rows.Add(TsvRow.Read(reader, columns, template));
            }

            return Resolve(path, columns, rows, videos ?? new VideoSettings());
        }
        catch (InvalidDataException e)
        {
            throw new DatasetException(path, string.Create(CultureInfo.InvariantCulture, $"line {reader.Line}: {e.Message}; is a quote not closed?"), e);
        }
    }

    private static IReadOnlyList<DatasetRow> Resolve(string path, TsvColumns columns, List<TsvRow> rows, VideoSettings videos)
    {
        var byIndex = new Dictionary<string, TsvRow>(StringComparer.Ordinal);
        foreach (var row in rows.Where(r => r.Index is not null))
        {
            byIndex.TryAdd(row.Index!, row);
        }

        var list = new RowList(path);
        var (folder, clips) = (DatasetFolder.Of(path), new VideoFolder(path, videos));
        var full = Path.GetFullPath(path);
        foreach (var row in rows)
        {
            list.Add(row.Location, row.Index, id => SampleRules.Build(
                id,
                row.Fields ?? throw new FormatException(row.Problem),
                Pictures(Owner(row, byIndex), full, columns, folder),
                row.Video is { } video ? [new VideoFile(clips.Find(video), clips.Sampling)] : []));
        }

        return list.Done();
    }

    // The row that holds the pictures: references are followed, as far as they lead.
    private static TsvRow Owner(TsvRow row, Dictionary<string, TsvRow> byIndex)
    {
        var owner = row;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (owner.Pictures is TsvPictures.SameAs { Index: var index })
        {
            if (!seen.Add(index))
            {
                throw new FormatException($"'image' leads from row '{index}' back to itself");
            }

            owner = byIndex.GetValueOrDefault(index)
                ?? throw new FormatException($"'image' is '{index}', which is neither a picture in base64 nor the index of a row");
        }

        return owner.Pictures is not null ? owner
            : throw new FormatException(owner == row ? row.Problem : $"'image' is row '{owner.Index}', which has no picture: {owner.Problem}");
    }

    private static IReadOnlyList<MediaFile> Pictures(TsvRow owner, string path, TsvColumns columns, DatasetFolder folder) => owner.Pictures switch
    {
        TsvPictures.Files files => [.. files.Paths.Select(folder.Picture)],
        TsvPictures.Inline pictures =>
        [
            .. Enumerable.Range(0, pictures.Count).Select(i => TsvImageCell.Picture(
                path,
                string.Create(CultureInfo.InvariantCulture, $"{path}, row {owner.Index ?? owner.Location}, picture {i + 1}"),
                owner.Offset,
                columns.Image,
                pictures.IsList ? i : null)),
        ],
        _ => throw new InvalidOperationException("A reference was not followed."),
    };

    // After a byte order mark.
    private static long TextStart(string path)
    {
        using var stream = TsvImageCell.OpenAt(path, 0);
        Span<byte> mark = stackalloc byte[3];
        return mark[..stream.ReadAtLeast(mark, 3, throwOnEndOfStream: false)] switch
        {
            [0xEF, 0xBB, 0xBF] => 3,
            [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] => throw new DatasetException(path, "it is UTF-16; save it as UTF-8"),
            _ => 0,
        };
    }
}
