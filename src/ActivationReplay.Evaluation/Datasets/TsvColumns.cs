namespace ActivationReplay.Evaluation.Datasets;

/// <summary>The indices of the columns that are read; −1 for a column that the file lacks.</summary>
internal sealed class TsvColumns
{
    private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);

    private TsvColumns()
    {
    }

    public int Count { get; private init; }

    public int Image => this["image"];

    private bool HasMedia => Image >= 0 || this["image_path"] >= 0 || this["video"] >= 0 || this["video_path"] >= 0;

    /// <summary>The options' columns, in the order of the letters.</summary>
    public IReadOnlyList<(string Letter, int Column)> Options { get; private set; } = [];

    public int this[string name] => _indices.GetValueOrDefault(name, -1);

    /// <summary>Reads the header.</summary>
    /// <exception cref="DatasetException">A column is missing, or there twice.</exception>
    public static TsvColumns Read(string path, TsvReader header)
    {
        var columns = new TsvColumns { Count = header.Count };
        try
        {
            for (var i = 0; i < header.Count; i++)
            {
                var name = header.Text(i).Trim();
                if (!columns._indices.TryAdd(name, i) && name.Length > 0)
                {
                    throw new FormatException($"the column '{name}' stands there twice");
                }
            }
        }
        catch (FormatException e)
        {
            throw new DatasetException(path, $"its header cannot be read: {e.Message}", e);
        }

        string[] missing = [.. new[] { "index", "question", "answer" }.Where(n => columns[n] < 0)];
        if (missing.Length > 0 || !columns.HasMedia)
        {
            var what = string.Join(", ", missing.Concat(columns.HasMedia ? [] : ["image (or image_path) or video (or video_path)"]));
            throw new DatasetException(path, $"it lacks the columns {what}; it has {string.Join(", ", columns._indices.Keys.Select(Shown))}");
        }

        columns.Options = [.. ChoiceFields.Letters.Select(l => (l.ToString(), columns[l.ToString()])).Where(o => o.Item2 >= 0)];
        return columns;
    }

    // A file without a header shows a picture here.
    private static string Shown(string name) => name.Length <= 40 ? name : name[..40] + "…";
}
