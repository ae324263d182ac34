namespace ActivationReplay.Evaluation.Datasets;

/// <summary>The texts of one row.</summary>
/// <param name="columns">The row group's cells by column.</param>
/// <param name="row">The index of the row in the group.</param>
internal sealed class ParquetRow(IReadOnlyDictionary<string, IReadOnlyList<ParquetCell>> columns, int row)
{
    /// <summary>The text of the first of the named columns that has one in this row; null if none has.</summary>
    public string? Text(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (columns.TryGetValue(name, out var cells) && cells[row].Only is string { Length: > 0 } text)
            {
                return text;
            }
        }

        return null;
    }

    /// <summary>Whether the column holds whole numbers.</summary>
    public bool IsWhole(string name) => columns.TryGetValue(name, out var cells) && cells[row].IsWhole;

    /// <summary>The options: a list, a list written as text, or columns by letter; null if there are none.</summary>
    /// <exception cref="FormatException">The options have another form.</exception>
    public ChoiceFields? Choices()
    {
        foreach (var name in new[] { "choices", "options", "candidates" })
        {
            if (!columns.TryGetValue(name, out var cells) || cells[row].Items.All(i => i is null))
            {
                continue;
            }

            return cells[row] is { Items: [string text], IsWhole: false } && TextList.IsList(text)
                ? ChoiceFields.FromList(TextList.Parse(text))
                : ChoiceFields.FromList(
                    [.. cells[row].Items.Select(i => i as string ?? throw new FormatException($"'{name}' holds a null"))],
                    hasPlaces: !cells[row].IsWhole);
        }

        return ChoiceFields.FromLetters(ChoiceFields.Letters.Select(l => (Letter: l.ToString(), Text: Text(l.ToString())))
            .Where(o => !string.IsNullOrWhiteSpace(o.Text)).Select(o => (o.Letter, o.Text!)));
    }
}
