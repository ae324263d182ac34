using ActivationReplay.Evaluation.Datasets;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>The rows that a data set's name stands for: a file's, or those of the project's own task.</summary>
internal static class QuestionFile
{
    /// <summary>A run's rows.</summary>
    public static IReadOnlyList<DatasetRow> Read(RunConfig config)
    {
        var rows = Open(config.Dataset, config.PromptTemplate is { } text ? PromptTemplate.Parse(text) : null, config.Videos);
        return config.Limit is { } limit ? [.. rows.Take(limit)] : rows;
    }

    /// <summary>The rows of a file, or of the project's own task (<see cref="TaskDataset"/>).</summary>
    public static IReadOnlyList<DatasetRow> Open(string path, PromptTemplate? template, VideoSettings? videos = null) =>
        TaskDataset.Is(path) ? TaskDataset.Parse(path).Rows() : Dataset.Open(path, template, videos);
}
