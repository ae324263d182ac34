using System.Globalization;
using System.Text.Json;
using ActivationReplay.Text;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// A JSON array of objects, as lists of questions about videos are published: Video-R1's, Video-MMMU, MLVU, MMVU, Video-Holmes. Each row
/// is read by its keys (<see cref="JsonRow"/>).
/// </summary>
public static class JsonListDataset
{
    /// <summary>Reads every object. Bad ones become rows with an error that names their number, from 1, and the key.</summary>
    /// <param name="path">The file.</param>
    /// <param name="template">The template of the prompts; null takes <see cref="Sample.Prompt"/>'s.</param>
    /// <param name="videos">Where videos are, and which frames are taken.</param>
    /// <exception cref="DatasetException">The file is no JSON array, empty, or two rows have one id.</exception>
    public static IReadOnlyList<DatasetRow> Read(string path, PromptTemplate? template = null, VideoSettings? videos = null)
    {
        JsonDocument json;
        try
        {
            json = JsonDocument.Parse(TextFile.Read(path));
        }
        catch (JsonException e)
        {
            throw new DatasetException(path, $"it is no JSON: {e.Message}", e);
        }

        using (json)
        {
            if (json.RootElement.ValueKind != JsonValueKind.Array)
            {
                throw new DatasetException(path, $"a JSON {json.RootElement.ValueKind} stands where an array of questions belongs; one object a line is a .jsonl file");
            }

            var (folder, clips) = (DatasetFolder.Of(path), new VideoFolder(path, videos ?? new VideoSettings()));
            var rows = new RowList(path);
            foreach (var (index, element) in json.RootElement.EnumerateArray().Index())
            {
                var location = string.Create(CultureInfo.InvariantCulture, $"item {index + 1}");
                try
                {
                    var row = new JsonRow(element);
                    rows.Add(location, row.Id, id => row.Build(id, folder, clips, template));
                }
                catch (FormatException e)
                {
                    rows.Add(location, null, _ => throw new FormatException(e.Message, e));
                }
            }

            return rows.Done();
        }
    }
}
