using System.Text.Json;
using System.Text.RegularExpressions;
using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// A question as a JSON object, by the names that data sets give its fields: <c>question</c> (<c>problem</c> in VisualProbe,
/// <c>text</c> in V*, with the options in it), <c>answer</c> (<c>solution</c>, <c>label</c>), <c>images</c> or <c>image</c>, and where
/// present <c>id</c> (<c>index</c>, <c>question_id</c>, <c>doc_id</c>), <c>choices</c> or <c>options</c>, <c>hint</c>, <c>family</c> or
/// <c>category</c>, <c>cycle_category</c>, <c>question_type</c>, <c>agent</c>.
/// </summary>
internal sealed partial class JsonRow
{
    private readonly JsonElement row;

    /// <exception cref="FormatException">It is no object.</exception>
    public JsonRow(JsonElement row) => this.row = row.ValueKind == JsonValueKind.Object
        ? row
        : throw new FormatException($"a JSON {row.ValueKind} stands where an object belongs");

    /// <summary>The id; null where it has none.</summary>
    public string? Id => First("id", "index", "question_id", "doc_id");

    /// <exception cref="FormatException">A field is missing or wrong; the message says which.</exception>
    public Sample Build(string id, DatasetFolder folder, PromptTemplate? template)
    {
        AgentRows.Asks(row);
        IReadOnlyList<MediaFile> images = [.. Images().Select(folder.Picture)];
        var (question, drawn) = First("question", "problem") is { } asked ? (asked, null) : OptionLines.Split(First("text"));
        return SampleRules.Build(
            id,
            new RowFields
            {
                Question = ImageMarkers.Resolve(question, images.Count),
                Answer = First("answer") ?? WithoutTag(First("solution")) ?? First("label"),
                AnswerIsNumber = row.TryGetProperty("answer", out var answer) && answer.ValueKind == JsonValueKind.Number,
                Hint = First("hint") is { Length: > 0 } hint ? hint : null,
                Family = First("family", "category"),
                Cycle = First("cycle_category"),
                Type = First("question_type"),
                Choices = Choices() ?? drawn,
                Template = template,
            },
            images);
    }

    private ChoiceFields? Choices()
    {
        if (!row.TryGetProperty("choices", out var choices) && !row.TryGetProperty("options", out choices))
        {
            return ChoiceFields.FromLetters(ChoiceFields.Letters.Select(l => (l.ToString(), First(l.ToString())))
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

    private IEnumerable<string> Images()
    {
        if (row.TryGetProperty("images", out var images))
        {
            return images.ValueKind == JsonValueKind.Array && images.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String)
                ? [.. images.EnumerateArray().Select(i => i.GetString()!)]
                : throw new FormatException("'images' is a list of paths");
        }

        return First("image") is { } one ? [one] : [];
    }

    private static string? WithoutTag(string? solution) => solution is not null && AnswerTag().Match(solution) is { Success: true } tag ? tag.Groups[1].Value : solution;

    private string? First(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (row.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null)
            {
                return Text(value, key);
            }
        }

        return null;
    }

    private static string Text(JsonElement value, string key) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => throw new FormatException($"'{key}' is a {value.ValueKind}; a text or a number belongs there"),
    };

    [GeneratedRegex(@"^\s*<answer>\s*(.*?)\s*</answer>\s*$", RegexOptions.Singleline)]
    private static partial Regex AnswerTag();
}
