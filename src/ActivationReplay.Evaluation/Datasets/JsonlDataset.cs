using System.Globalization;
using System.Text.Json;
using ActivationReplay.Text;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// One JSON object a line: <c>question</c>, <c>answer</c>, <c>images</c> (or <c>image</c>) with paths beside the file, and
/// where present <c>id</c>, <c>choices</c> (or <c>options</c>; a list, or an object by letter), <c>hint</c>, <c>family</c> (or
/// <c>category</c>) and <c>question_type</c>.
/// </summary>
public static class JsonlDataset
{
    /// <summary>Reads every line. Bad lines become rows with an error that names the line and the key.</summary>
    /// <param name="path">The file.</param>
    /// <param name="template">The template of the prompts; null is <see cref="VlmEvalKitPrompt"/>.</param>
    /// <exception cref="DatasetException">The file is not there, empty, or two rows have one id.</exception>
    public static IReadOnlyList<DatasetRow> Read(string path, PromptTemplate? template = null)
    {
        if (!File.Exists(path))
        {
            throw new DatasetException(path, "no such file; a data set is a .jsonl file with one question a line");
        }

        var folder = new DatasetFolder(path);
        var rows = new RowList(path);
        foreach (var (index, line) in TextFile.ReadLines(path).Index().Where(l => !string.IsNullOrWhiteSpace(l.Item)))
        {
            var location = string.Create(CultureInfo.InvariantCulture, $"line {index + 1}");
            try
            {
                using var json = JsonDocument.Parse(line);
                var row = json.RootElement;
                rows.Add(location, Id(row), id => Build(id, row, folder, template));
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                rows.Add(location, null, _ => throw new FormatException(e.Message, e));
            }
        }

        return rows.Done();
    }

    private static string? Id(JsonElement row) => row.ValueKind == JsonValueKind.Object
        ? Optional(row, "id") ?? Optional(row, "index")
        : throw new FormatException($"a JSON {row.ValueKind} stands where an object belongs");

    private static Sample Build(string id, JsonElement row, DatasetFolder folder, PromptTemplate? template)
    {
        var images = Images(row).Select(folder.Picture).ToList();
        return SampleRules.Build(
            id,
            new RowFields
            {
                Question = ImageMarkers.Resolve(Optional(row, "question"), images.Count),
                Answer = Optional(row, "answer"),
                AnswerIsNumber = row.TryGetProperty("answer", out var answer) && answer.ValueKind == JsonValueKind.Number,
                Hint = Optional(row, "hint") is { Length: > 0 } hint ? hint : null,
                Family = Optional(row, "family") ?? Optional(row, "category"),
                Type = Optional(row, "question_type"),
                Choices = Choices(row),
                Template = template,
            },
            images);
    }

    private static ChoiceFields? Choices(JsonElement row)
    {
        if (!row.TryGetProperty("choices", out var choices) && !row.TryGetProperty("options", out choices))
        {
            return ChoiceFields.FromLetters(ChoiceFields.Letters.Select(l => (l.ToString(), Optional(row, l.ToString())))
                .Where(c => !string.IsNullOrWhiteSpace(c.Item2)).Select(c => (c.Item1, c.Item2!)));
        }

        return choices.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.Object => ChoiceFields.FromLetters(choices.EnumerateObject().Select(c => (Letter(c.Name), Text(c.Value, c.Name)))),
            JsonValueKind.Array => ChoiceFields.FromList(
                [.. choices.EnumerateArray().Select(c => Text(c, "choices"))],
                // Options that are numbers are meant by their value.
                hasPlaces: !choices.EnumerateArray().Any(c => c.ValueKind == JsonValueKind.Number)),
            _ => throw new FormatException("'choices' is a list of options, or an object with a letter for each"),
        };
    }

    private static string Letter(string name) => name is [>= 'A' and <= 'Z']
        ? name
        : throw new FormatException($"the option '{name}' is no letter of A to Z");

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

    private static string? Optional(JsonElement row, string key) =>
        !row.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null ? null : Text(value, key);

    private static string Text(JsonElement value, string key) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => throw new FormatException($"'{key}' is a {value.ValueKind}; a text or a number belongs there"),
    };
}
