namespace ActivationReplay.Evaluation.Datasets;

/// <summary>A data set, or a row of it, cannot be used.</summary>
/// <param name="path">The file.</param>
/// <param name="problem">The row, what is wrong and what would be right.</param>
/// <param name="cause">The underlying error, if there is one.</param>
public sealed class DatasetException(string path, string problem, Exception? cause = null)
    : Exception($"{path}: {problem}", cause)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;
}
