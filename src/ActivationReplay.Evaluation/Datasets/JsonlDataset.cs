using System.Globalization;
using System.Text.Json;
using ActivationReplay.Text;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// Questions as JSON objects: one a line (<c>.jsonl</c>), or a list (<c>.json</c>). Keys are <c>question</c> (or <c>problem</c>,
/// <c>text</c>), <c>answer</c> (or <c>solution</c>, <c>label</c>), <c>images</c> (or <c>image</c>) with paths beside the file, and where
/// present <c>id</c> (or <c>index</c>, <c>question_id</c>, <c>doc_id</c>), <c>choices</c> (or <c>options</c>; a list, or an object by
/// letter), <c>videos</c> (<see cref="JsonVideo"/>), <c>hint</c>, <c>family</c> (or <c>category</c>), <c>cycle_category</c>, <c>question_type</c>, <c>problem_type</c> and <c>agent</c>: the
/// forms of VisualProbe and V*, of Video-R1's, Video-MMMU, MLVU, MMVU and Video-Holmes among them (<see cref="JsonRow"/>).
/// </summary>
public static class JsonlDataset
{
    /// <summary>Reads every row. Bad ones become rows with an error that names the line, or the place in the list, and the key.</summary>
    /// <param name="path">The file.</param>
    /// <param name="template">The template of the prompts; null takes <see cref="Sample.Prompt"/>'s.</param>
    /// <param name="videos">Where videos are, and which frames are taken.</param>
    /// <exception cref="DatasetException">The file is not there, empty or no list, or two rows have one id.</exception>
    public static IReadOnlyList<DatasetRow> Read(string path, PromptTemplate? template = null, VideoSettings? videos = null)
    {
        if (!File.Exists(path))
        {
            throw new DatasetException(path, "no such file; a data set is a .jsonl file with one question a line, or a .json file with a list of them");
        }

        var (folder, clips) = (DatasetFolder.Of(path), new VideoFolder(path, videos ?? new VideoSettings()));
        var rows = new RowList(path);
        foreach (var (location, read) in Rows(path))
        {
            try
            {
                using var json = read();
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

    private static IEnumerable<(string Location, Func<JsonDocument> Read)> Rows(string path) =>
        Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase)
            ? List(path)
            : TextFile.ReadLines(path).Index().Where(l => !string.IsNullOrWhiteSpace(l.Item))
                .Select(l => (string.Create(CultureInfo.InvariantCulture, $"line {l.Index + 1}"), (Func<JsonDocument>)(() => JsonDocument.Parse(l.Item))));

    private static IEnumerable<(string Location, Func<JsonDocument> Read)> List(string path)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(TextFile.Read(path));
        }
        catch (JsonException e)
        {
            throw new DatasetException(path, $"it is no JSON: {e.Message}", e);
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                throw new DatasetException(path, $"a JSON {document.RootElement.ValueKind} stands where an array of questions belongs; one object a line is a .jsonl file");
            }

            return
            [
                .. document.RootElement.EnumerateArray().Select(e => e.GetRawText()).Index().Select(e => (
                    string.Create(CultureInfo.InvariantCulture, $"item {e.Index + 1}"), (Func<JsonDocument>)(() => JsonDocument.Parse(e.Item)))),
            ];
        }
    }
}
