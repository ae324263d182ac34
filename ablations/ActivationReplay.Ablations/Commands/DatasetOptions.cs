using System.CommandLine;
using ActivationReplay.Evaluation.Datasets;

namespace ActivationReplay.Ablations.Commands;

/// <summary>Options that choose a data set's rows.</summary>
internal static class DatasetOptions
{
    public static Option<string> Path() => new("--dataset", "-d")
    {
        Description = "A .jsonl file: question, answer, images (paths beside it), optional id and family.",
        DefaultValueFactory = _ => RepositoryPaths.Find("ablations", "datasets", "counting", "samples.jsonl"),
    };

    public static Option<int?> Limit() => new("--limit") { Description = "Only the first N questions." };

    /// <summary>The first <paramref name="limit"/> rows of a data set.</summary>
    public static IReadOnlyList<DatasetRow> Read(string path, int? limit)
    {
        if (limit is < 1)
        {
            throw new ArgumentException($"--limit {limit}: allowed is a whole number from 1.");
        }

        var rows = JsonlDataset.Read(path);
        return limit is { } n ? [.. rows.Take(n)] : rows;
    }
}
