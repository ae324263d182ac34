namespace ActivationReplay.Evaluation.Datasets;

/// <summary>Collects the rows of a file and makes sure that ids are unique and that there is at least one row.</summary>
internal sealed class RowList(string path)
{
    private readonly List<DatasetRow> _rows = [];
    private readonly Dictionary<string, string> _locations = new(StringComparer.Ordinal);

    /// <summary>Adds a good row, or a bad one where <paramref name="build"/> throws a <see cref="FormatException"/>.</summary>
    /// <param name="location">The location of the row in the file, such as <c>line 3</c>, which is its id if it has none.</param>
    /// <param name="id">The id of the row; null if it has none or cannot be read.</param>
    /// <param name="build">Makes the sample, given its id.</param>
    /// <exception cref="DatasetException">An earlier row has the id.</exception>
    public void Add(string location, string? id, Func<string, Sample> build)
    {
        var key = id ?? location;
        if (!_locations.TryAdd(key, location))
        {
            throw new DatasetException(path, $"{location}: the id '{key}' stands on {_locations[key]}, too; ids are unique");
        }

        try
        {
            _rows.Add(new DatasetRow(key, build(key), null));
        }
        catch (FormatException e)
        {
            _rows.Add(new DatasetRow(key, null, id is null ? $"{location}: {e.Message}" : $"{location} ('{id}'): {e.Message}"));
        }
    }

    /// <exception cref="DatasetException">The file has no rows.</exception>
    public IReadOnlyList<DatasetRow> Done() => _rows.Count > 0 ? _rows : throw new DatasetException(path, "it has no rows");
}
