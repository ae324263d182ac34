using System.Globalization;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>A row of a TSV while the file is read: its text, and the location of its pictures.</summary>
internal sealed record TsvRow
{
    /// <summary>The location of the row, such as <c>line 3</c>.</summary>
    public required string Location { get; init; }

    /// <summary>The offset in the file at which it begins, in bytes.</summary>
    public required long Offset { get; init; }

    /// <summary>The value of its <c>index</c> column; null if it has none.</summary>
    public string? Index { get; private init; }

    /// <summary>Its fields; null for a bad row.</summary>
    public RowFields? Fields { get; private init; }

    /// <summary>The location of its pictures; null if it has none that can be read.</summary>
    public TsvPictures? Pictures { get; private init; }

    /// <summary>The name of its video; null if it has none.</summary>
    public string? Video { get; private init; }

    /// <summary>What is wrong with the row, or with its pictures.</summary>
    public string Problem { get; private init; } = "";

    public static TsvRow Read(TsvReader reader, TsvColumns columns, PromptTemplate? template)
    {
        var row = new TsvRow { Location = string.Create(CultureInfo.InvariantCulture, $"line {reader.Line}"), Offset = reader.Offset };
        try
        {
            if (reader.IsTorn || reader.Count > columns.Count)
            {
                throw new FormatException(reader.IsTorn
                    ? "a quote is never closed; the rest of the file belongs to it"
                    : $"it has {reader.Count} cells, the header {columns.Count}; cells with tabs or line ends stand in quotes");
            }

            row = row with { Index = Cell("index") ?? throw new FormatException("'index' is missing") };
            row = row with { Video = Cell("video_path") ?? Cell("video") };
            row = ReadPictures(row, reader, columns);
            return row with
            {
                Fields = new RowFields
                {
                    Question = Cell("question"),
                    Answer = Cell("answer"),
                    Hint = Cell("hint"),
                    Family = Cell("category") ?? Cell("task_type"),
                    Cycle = Cell("cycle_category"),
                    Type = Cell("question_type"),
                    Problem = Cell("problem_type"),
                    Choices = (Cell("candidates") ?? Cell("options")) is { } list && TextList.IsList(list)
                        ? ChoiceFields.FromList(TextList.Parse(list))
                        : ChoiceFields.FromLetters(columns.Options
                            .Select(o => (o.Letter, Text: reader.Text(o.Column))).Where(o => !string.IsNullOrWhiteSpace(o.Text))),
                    Template = template,
                },
            };
        }
        catch (FormatException e)
        {
            return row with { Problem = e.Message };
        }

        string? Cell(string name) => reader.Text(columns[name]) is var text && !string.IsNullOrWhiteSpace(text) ? text : null;
    }

    private static TsvRow ReadPictures(TsvRow row, TsvReader reader, TsvColumns columns)
    {
        try
        {
            if (!reader.Bytes(columns.Image).IsEmpty)
            {
                return row with { Pictures = TsvImageCell.Parse(reader, columns.Image) };
            }

            return reader.Text(columns["image_path"]) is var paths && string.IsNullOrWhiteSpace(paths)
                ? row.Video is not null ? row with { Pictures = new TsvPictures.Files([]) } : throw new FormatException("it has no picture: 'image' and 'image_path' are empty")
                : row with { Pictures = new TsvPictures.Files(TextList.IsList(paths) ? TextList.Parse(paths) : [paths]) };
        }
        catch (FormatException e)
        {
            return row with { Problem = e.Message };
        }
    }
}
