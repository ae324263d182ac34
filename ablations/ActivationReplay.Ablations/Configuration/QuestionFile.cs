using ActivationReplay.Evaluation.Datasets;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>The rows that a data set's name stands for: a file's, or those of the project's own task.</summary>
internal static class QuestionFile
{
    /// <summary>A run's rows.</summary>
    public static IReadOnlyList<DatasetRow> Read(RunConfig config) => Read(
        config.Dataset, config.Limit, config.PromptTemplate is { } text ? PromptTemplate.Parse(text) : null, config.Videos);

    /// <summary>The rows of a file, or of the project's own task (<see cref="TaskDataset"/>).</summary>
    public static IReadOnlyList<DatasetRow> Open(string path, PromptTemplate? template, VideoSettings? videos = null) =>
        TaskDataset.Is(path) ? TaskDataset.Parse(path).Rows() : Dataset.Open(path, template, videos);

    /// <summary>The first <paramref name="limit"/> rows of a data set.</summary>
    public static IReadOnlyList<DatasetRow> Read(string path, int? limit, PromptTemplate? template, VideoSettings? videos = null)
    {
        if (limit is < 1)
        {
            throw new ArgumentException($"--limit {limit}: allowed is a whole number from 1.");
        }

        var rows = Open(path, template, videos);
        return limit is { } n ? [.. rows.Take(n)] : rows;
    }
}
