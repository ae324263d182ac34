using System.CommandLine;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Evaluation.Datasets;

namespace ActivationReplay.Ablations.Commands;

/// <summary>Options that choose a data set's rows.</summary>
internal static class DatasetOptions
{
    public static Option<string> Path() => new("--dataset", "-d")
    {
        Description = "A .tsv (VLMEvalKit), .jsonl (question, answer, images beside it) or .parquet (Hugging Face) file, the NAME of a VLMEvalKit .tsv in LMUData, or TASK:SPLIT:COUNT (tasks: counting, zooming, clips).",
        DefaultValueFactory = _ => TaskDataset.Default,
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
}
