using System.Globalization;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>What is kept of a row while the file is read: all its text, and where its pictures are.</summary>
internal sealed record TsvRow
{
    /// <summary>Its line.</summary>
    public required string Location { get; init; }

    /// <summary>Where it begins in the file, in bytes.</summary>
    public required long Offset { get; init; }

    /// <summary>Its index; null where it has none.</summary>
    public string? Index { get; private init; }

    /// <summary>Null where the row is bad.</summary>
    public RowFields? Fields { get; private init; }

    /// <summary>Null where none can be read.</summary>
    public TsvPictures? Pictures { get; private init; }

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
            row = ReadPictures(row, reader, columns);
            return row with
            {
                Fields = new RowFields
                {
                    Question = Cell("question"),
                    Answer = Cell("answer"),
                    Hint = Cell("hint"),
                    Family = Cell("category"),
                    Type = Cell("question_type"),
                    Choices = ChoiceFields.FromLetters(columns.Options
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
                ? throw new FormatException("it has no picture: 'image' and 'image_path' are empty")
                : row with { Pictures = new TsvPictures.Files(TextList.IsList(paths) ? TextList.Parse(paths) : [paths]) };
        }
        catch (FormatException e)
        {
            return row with { Problem = e.Message };
        }
    }
}
