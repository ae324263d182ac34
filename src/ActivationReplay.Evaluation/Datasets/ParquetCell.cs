namespace ActivationReplay.Evaluation.Datasets;

/// <summary>A row's values in one column: one where the column is no list; null items are missing values.</summary>
/// <param name="Items">Texts, or bytes.</param>
/// <param name="IsWhole">Whether they are whole numbers in the file.</param>
internal readonly record struct ParquetCell(IReadOnlyList<object?> Items, bool IsWhole)
{
    /// <summary>The only value, or null.</summary>
    public object? Only => Items.Count == 1 ? Items[0] : null;
}
