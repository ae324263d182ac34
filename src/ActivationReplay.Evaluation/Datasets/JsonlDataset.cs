using System.Globalization;
using System.Text.Json;
using ActivationReplay.Text;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// One JSON object a line: <c>question</c>, <c>answer</c>, <c>images</c> (or <c>image</c>) with paths beside the file, or <c>videos</c>
/// (<see cref="JsonVideo"/>), and where present <c>id</c>, <c>choices</c> (or <c>options</c>; a list, or an object by letter), <c>hint</c>,
/// <c>family</c> (or <c>category</c>), <c>question_type</c> and <c>problem_type</c>.
/// </summary>
public static class JsonlDataset
{
    /// <summary>Reads every line. Bad lines become rows with an error that names the line and the key.</summary>
    /// <param name="path">The file.</param>
    /// <param name="template">The template of the prompts; null takes <see cref="Sample.Prompt"/>'s.</param>
    /// <param name="videos">Where videos are, and which frames are taken.</param>
    /// <exception cref="DatasetException">The file is not there, empty, or two rows have one id.</exception>
    public static IReadOnlyList<DatasetRow> Read(string path, PromptTemplate? template = null, VideoSettings? videos = null)
    {
        if (!File.Exists(path))
        {
            throw new DatasetException(path, "no such file; a data set is a .jsonl file with one question a line");
        }

        var (folder, clips) = (DatasetFolder.Of(path), new VideoFolder(path, videos ?? new VideoSettings()));
        var rows = new RowList(path);
        foreach (var (index, line) in TextFile.ReadLines(path).Index().Where(l => !string.IsNullOrWhiteSpace(l.Item)))
        {
            var location = string.Create(CultureInfo.InvariantCulture, $"line {index + 1}");
            try
            {
                using var json = JsonDocument.Parse(line);
                var row = new JsonRow(json.RootElement);
                rows.Add(location, row.Id, id => row.Build(id, folder, clips, template));
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                rows.Add(location, null, _ => throw new FormatException(e.Message, e));
            }
        }

        return rows.Done();
    }
}
