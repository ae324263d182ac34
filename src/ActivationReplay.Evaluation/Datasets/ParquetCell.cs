namespace ActivationReplay.Evaluation.Datasets;

/// <summary>The values of a row in one column: one value, or several if the column is a list. Missing values are null.</summary>
/// <param name="Items">The values, as strings or byte arrays.</param>
/// <param name="IsWhole">Whether the file stores them as whole numbers.</param>
internal readonly record struct ParquetCell(IReadOnlyList<object?> Items, bool IsWhole)
{
    /// <summary>The value, if there is exactly one; null otherwise.</summary>
    public object? Only => Items.Count == 1 ? Items[0] : null;
}
