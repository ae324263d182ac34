using System.Text.Json;
using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// A question as a JSON object, under the keys of JSONL of one's own and of the published lists: <c>question</c>, <c>problem</c>, or
/// <c>text</c> with the options in it (V*), <c>answer</c>, <c>solution</c> or <c>label</c>, options as <c>choices</c>, <c>options</c> or
/// <c>candidates</c>, and where its files are. Names of keys
/// count without case, blanks and underscores: <c>Question Type</c> of Video-Holmes is <c>question_type</c>.
/// </summary>
internal sealed class JsonRow
{
    private readonly Dictionary<string, (string Name, JsonElement Value)> _values = new(StringComparer.Ordinal);

    /// <param name="row">The object.</param>
    /// <exception cref="FormatException">It is no object.</exception>
    public JsonRow(JsonElement row)
    {
        if (row.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"a JSON {row.ValueKind} stands where an object belongs");
        }

        foreach (var property in row.EnumerateObject())
        {
            // An option's key is its letter, in capitals.
            var key = property.Name.Length == 1 ? property.Name : property.Name.Replace("_", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
            // Of two spellings the one in small letters counts.
            if (!_values.TryGetValue(key, out var held) || held.Name == property.Name || !property.Name.Any(char.IsUpper))
            {
                _values[key] = (property.Name, property.Value);
            }
        }
    }

    /// <summary>The id; null if the row has none. Several questions of Video-Holmes are of one video.</summary>
    public string? Id => Optional("ID") ?? Optional("INDEX") ?? Optional("PROBLEMID") ?? Optional("QUESTIONID") ?? Optional("DOCID");

    /// <summary>The sample.</summary>
    /// <exception cref="FormatException">A field is missing or wrong.</exception>
    public Sample Build(string id, DatasetFolder folder, VideoFolder videos, PromptTemplate? template)
    {
        if (_values.TryGetValue("AGENT", out var agent))
        {
            AgentRows.IsTrue(agent.Value);
        }

        var clips = Videos(id, videos, folder);
        var images = Images().Select(folder.Picture).ToList();
        if (Optional("DATATYPE") == "image" && Optional("PATH") is { } picture)
        {
            images.Add(folder.Picture(picture));
        }

        var (question, drawn) = (Optional("QUESTION") ?? Optional("PROBLEM")) is { } asked ? (asked, null) : OptionLines.Split(Optional("TEXT"));
        return SampleRules.Build(
            id,
            new RowFields
            {
                Question = ImageMarkers.Resolve(question, images.Count),
                Answer = Answer(),
                AnswerIsNumber = _values.TryGetValue("ANSWER", out var stored) && stored.Value.ValueKind == JsonValueKind.Number,
                Hint = Optional("HINT") is { Length: > 0 } hint ? hint : null,
                Family = Optional("FAMILY") ?? Optional("CATEGORY") ?? (clips.Count > 0 ? Optional("QUESTIONTYPE") ?? Optional("DATASOURCE") : null),
                Cycle = Optional("CYCLECATEGORY"),
                Type = Optional("QUESTIONTYPE"),
                Problem = Optional("PROBLEMTYPE"),
                Choices = Choices() ?? drawn,
                Template = template,
            },
            images,
            clips);
    }

    // Video-R1 puts the solution between the tags of an answer.
    private string? Answer()
    {
        if (Optional("ANSWER") is { } answer)
        {
            return answer;
        }

        const string Open = "<answer>", Close = "</answer>";
        var solution = (Optional("SOLUTION") ?? Optional("LABEL"))?.Trim();
        return solution is not null && solution.StartsWith(Open, StringComparison.Ordinal) && solution.EndsWith(Close, StringComparison.Ordinal)
            ? solution[Open.Length..^Close.Length].Trim()
            : solution;
    }

    private ChoiceFields? Choices()
    {
        if (!_values.TryGetValue("CHOICES", out var choices) && !_values.TryGetValue("OPTIONS", out choices) && !_values.TryGetValue("CANDIDATES", out choices))
        {
            return ChoiceFields.FromLetters(ChoiceFields.Letters.Select(l => (l.ToString(), Optional(l.ToString())))
                .Where(c => !string.IsNullOrWhiteSpace(c.Item2)).Select(c => (c.Item1, c.Item2!)));
        }

        return choices.Value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.Object => ChoiceFields.FromLetters(choices.Value.EnumerateObject()
                .Select(c => (Letter(c.Name), Text(c.Value, c.Name))).Where(c => c.Item2.Length > 0)),
            JsonValueKind.Array => ChoiceFields.FromList(
                [.. choices.Value.EnumerateArray().Select(c => Text(c, choices.Name))],
                // Options that are numbers are meant by their value.
                hasPlaces: !choices.Value.EnumerateArray().Any(c => c.ValueKind == JsonValueKind.Number)),
            _ => throw new FormatException($"'{choices.Name}' is a list of options, or an object with a letter for each"),
        };
    }

    private static string Letter(string name) => name is [>= 'A' and <= 'Z']
        ? name
        : throw new FormatException($"the option '{name}' is no letter of A to Z");

    private IEnumerable<string> Images()
    {
        if (_values.TryGetValue("IMAGES", out var images))
        {
            return images.Value.ValueKind == JsonValueKind.Array && images.Value.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String)
                ? [.. images.Value.EnumerateArray().Select(i => i.GetString()!)]
                : throw new FormatException("'images' is a list of paths");
        }

        return Optional("IMAGE") is { } one ? [one] : [];
    }

    private List<VideoSource> Videos(string id, VideoFolder folder, DatasetFolder pictures)
    {
        if (_values.TryGetValue("VIDEOS", out var videos))
        {
            return videos.Value.ValueKind == JsonValueKind.Array
                ? [.. videos.Value.EnumerateArray().Select(v => JsonVideo.Read(v, folder, pictures))]
                : throw new FormatException("'videos' is a list: of paths, of lists of pictures, or of objects with 'video' and settings");
        }

        if (_values.TryGetValue("VIDEO", out var video) && video.Value.ValueKind != JsonValueKind.Null)
        {
            return [JsonVideo.Read(video.Value, folder, pictures)];
        }

        var named = Optional("DATATYPE") == "video" ? Optional("PATH") : Optional("VIDEOPATH") ?? Optional("VIDEOID");
        // Video-MMMU's files bear the questions' ids.
        var isNamedById = named is null && Optional("DATATYPE") is null && _values.ContainsKey("ID") && _values.ContainsKey("QUESTIONTYPE")
            && !_values.ContainsKey("IMAGE") && !_values.ContainsKey("IMAGES") && folder.Has(id);
        return (named ?? (isNamedById ? id : null)) is { } name ? [new VideoFile(folder.Find(name), folder.Sampling)] : [];
    }

    private string? Optional(string key) =>
        !_values.TryGetValue(key, out var found) || found.Value.ValueKind == JsonValueKind.Null ? null : Text(found.Value, found.Name);

    private static string Text(JsonElement value, string key) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => throw new FormatException($"'{key}' is a {value.ValueKind}; a text or a number belongs there"),
    };
}
