namespace ActivationReplay.Evaluation.Datasets;

/// <summary>Opens data sets of all supported formats.</summary>
public static class Dataset
{
    /// <summary>
    /// The rows of a file, by its extension: <c>.jsonl</c> or <c>.json</c> (<see cref="JsonlDataset"/>), <c>.tsv</c> (<see cref="TsvDataset"/>)
    /// or <c>.parquet</c> (<see cref="ParquetDataset"/>). Pictures and videos stay on disk until they are read.
    /// </summary>
    /// <param name="path">The file, or the name of one in <see cref="LmuData.Folder"/>.</param>
    /// <param name="template">The template of the prompts; null takes <see cref="Sample.Prompt"/>'s.</param>
    /// <param name="videos">Where videos are, and which frames are taken; null is the file's folder, and 16 frames.</param>
    /// <exception cref="DatasetException">
    /// There is no such file, its form is another, it lacks a column that every row needs, it has no rows, or two rows have one id.
    /// </exception>
    public static IReadOnlyList<DatasetRow> Open(string path, PromptTemplate? template = null, VideoSettings? videos = null)
    {
        path = LmuData.Find(path) ?? path;
        var extension = Path.GetExtension(path).ToUpperInvariant();
        Func<string, PromptTemplate?, VideoSettings?, IReadOnlyList<DatasetRow>> read = extension switch
        {
            ".JSONL" or ".JSON" => JsonlDataset.Read,
            ".TSV" => TsvDataset.Read,
            ".PARQUET" => ParquetDataset.Read,
            "" when !File.Exists(path) => throw new DatasetException(
                path, $"there is no such file, and no {Path.GetFileName(path)}.tsv in {LmuData.Folder}, where VLMEvalKit keeps data sets by name (environment variable {LmuData.Variable})"),
            _ => throw new DatasetException(
                path, "its extension is none of .tsv (VLMEvalKit), .jsonl (one question a line), .json (a list) and .parquet (Hugging Face)"),
        };
        if (!File.Exists(path))
        {
            throw new DatasetException(path, "no such file; a data set is a .tsv, .jsonl, .json or .parquet file");
        }

        try
        {
            return QuestionOrders.Joined(read(path, template, videos));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new DatasetException(path, $"it cannot be read: {e.Message}", e);
        }
    }
}
