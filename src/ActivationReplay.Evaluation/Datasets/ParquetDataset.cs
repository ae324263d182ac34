using System.Globalization;
using ActivationReplay.Vision;
using Parquet;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// Parquet as Hugging Face saves it: columns <c>question</c> (or <c>problem</c>), <c>answer</c>, and pictures in <c>images</c>,
/// <c>image</c> or <c>image_1</c>, <c>image_2</c>, …, each a struct of <c>bytes</c> and <c>path</c>, a list of them, or plain bytes; where
/// present <c>id</c> (or <c>index</c>), <c>choices</c> (or <c>options</c>, or columns <c>A</c> to <c>Z</c>), <c>hint</c>, <c>category</c> (or
/// <c>family</c>) and <c>question_type</c>. A struct without bytes names a file beside the data set.
/// </summary>
public static class ParquetDataset
{
    /// <summary>
    /// Reads every row but its pictures, which stay on disk. Memory is that of all text and one row group's pictures.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="template">The template of the prompts; null takes <see cref="Sample.Prompt"/>'s.</param>
    /// <param name="videos">Where videos are, and which frames are taken.</param>
    /// <exception cref="DatasetException">
    /// The file is no Parquet, lacks a column or has no rows, or two rows have one id.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<DatasetRow> Read(string path, PromptTemplate? template = null, VideoSettings? videos = null)
    {
        try
        {
            var file = Path.GetFullPath(path);
            return ParquetFile.Read(file, reader => ReadAsync(reader, file, template, videos ?? new VideoSettings()));
        }
        catch (Exception e) when (ParquetColumn.IsBadFile(e))
        {
            throw new DatasetException(path, $"it is no Parquet that can be read: {e.Message}", e);
        }
    }

    private static async Task<IReadOnlyList<DatasetRow>> ReadAsync(ParquetReader reader, string path, PromptTemplate? template, VideoSettings videos)
    {
        var columns = ParquetColumns.Find(path, reader.Schema);
        var (folder, clips) = (DatasetFolder.Of(path), new VideoFolder(path, videos));
        var rows = new RowList(path);
        var source = new ParquetPictures(path, columns.Pictures);
        var number = 0;
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            using var rowGroup = reader.OpenRowGroupReader(group);
            var texts = new Dictionary<string, IReadOnlyList<ParquetCell>>(StringComparer.Ordinal);
            foreach (var (name, column) in columns.Texts)
            {
                texts[name] = await column.ReadAsync(rowGroup).ConfigureAwait(false);
            }

            var pictures = await source.ReadAsync(rowGroup, group).ConfigureAwait(false);
            for (var i = 0; i < (int)rowGroup.RowCount; i++)
            {
                var location = string.Create(CultureInfo.InvariantCulture, $"row {++number}");
                var row = new ParquetRow(texts, i);
                var inRow = pictures[i];
                rows.Add(location, row.Text("id", "index"), id => Build(id, row, source.Files(inRow, location, folder), clips, template));
            }
        }

        return rows.Done();
    }

    private static Sample Build(string id, ParquetRow row, IReadOnlyList<MediaFile> images, VideoFolder clips, PromptTemplate? template) => SampleRules.Build(
        id,
        new RowFields
        {
            Question = ImageMarkers.Resolve(row.Text("question", "problem"), images.Count),
            Answer = row.Text("answer"),
            AnswerIsNumber = row.IsWhole("answer"),
            Hint = row.Text("hint"),
            Family = row.Text("category", "family"),
            Type = row.Text("question_type"),
            Problem = row.Text("problem_type"),
            Choices = row.Choices(),
            Template = template,
        },
        images,
        row.Text("video_path", "video") is { } video ? [new VideoFile(clips.Find(video), clips.Sampling)] : []);
}
