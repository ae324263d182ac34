using System.CommandLine;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Runs;
using ActivationReplay.Evaluation.Datasets;

namespace ActivationReplay.Ablations.Commands;

/// <summary>Options that choose a data set's rows.</summary>
internal static class DatasetOptions
{
    public static Option<string> Path() => new("--dataset", "-d")
    {
        Description = "A .tsv (VLMEvalKit), .jsonl (question, answer, images beside it) or .parquet (Hugging Face) file, or counting:SPLIT:COUNT.",
        DefaultValueFactory = _ => RepositoryPaths.Find("ablations", "datasets", "counting", "samples.jsonl"),
    };

    public static Option<int?> Limit() => new("--limit") { Description = "Only the first N questions." };

    public static Option<string?> Template() => new("--prompt-template")
    {
        Description = "A file with {question}, {options} and {hint}, instead of VLMEvalKit's prompts.",
    };

    /// <summary>The template in a file, or null.</summary>
    /// <exception cref="ArgumentException">The file cannot be read, or is no template.</exception>
    public static PromptTemplate? ReadTemplate(string? path)
    {
        try
        {
            return path is null ? null : PromptTemplate.Read(path);
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"--prompt-template: {e.Message}", e);
        }
    }

    /// <summary>A run's rows.</summary>
    public static IReadOnlyList<DatasetRow> Read(RunConfig config) => Read(
        config.Dataset, config.Limit, config.PromptTemplate is { } text ? PromptTemplate.Parse(text) : null);

    /// <summary>The rows of a file, or of the project's own task (<see cref="TaskDataset"/>).</summary>
    public static IReadOnlyList<DatasetRow> Open(string path, PromptTemplate? template) =>
        TaskDataset.Is(path) ? TaskDataset.Parse(path).Rows() : Dataset.Open(path, template);

    /// <summary>The first <paramref name="limit"/> rows of a data set.</summary>
    public static IReadOnlyList<DatasetRow> Read(string path, int? limit, PromptTemplate? template)
    {
        if (limit is < 1)
        {
            throw new ArgumentException($"--limit {limit}: allowed is a whole number from 1.");
        }

        var rows = Open(path, template);
        return limit is { } n ? [.. rows.Take(n)] : rows;
    }
}
