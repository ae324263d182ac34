using System.Globalization;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Training;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>
/// Held-out problems of an embedded pair's task, made when they are asked for: <c>TASK:SPLIT:COUNT[:SEED]</c> in place of a data
/// set's file, for example <c>counting:hard-8:200</c>, <c>zooming:test:200</c> or <c>clips:test:200</c>.
/// </summary>
/// <param name="Task">One of <see cref="TaskProblems.Tasks"/>.</param>
/// <param name="Split">One of its splits.</param>
/// <param name="Count">How many problems; families take turns.</param>
/// <param name="Seed">With split and number it decides each problem.</param>
internal sealed record TaskDataset(string Task, string Split, int Count, ulong Seed)
{
    /// <summary>The seed where none is named: that of the embedded pairs, whose test problems no training saw.</summary>
    public const ulong DefaultSeed = 20261124;

    /// <summary>What commands take where no data set is named.</summary>
    public const string Default = "counting:test:48";

    /// <summary>Whether the text names problems of a task.</summary>
    public static bool Is(string text) => TaskOf(text) is not null;

    /// <summary>Reads <c>TASK:SPLIT:COUNT[:SEED]</c>.</summary>
    /// <exception cref="DatasetException">It is of another form.</exception>
    public static TaskDataset Parse(string text)
    {
        var parts = text.Split(':');
        var seed = DefaultSeed;
        var task = TaskOf(text) ?? TaskProblems.Counting;
        return parts.Length is 3 or 4
            && TaskProblems.Splits(task).Contains(parts[1])
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count > 0
            && (parts.Length == 3 || ulong.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out seed))
            ? new TaskDataset(task, parts[1], count, seed)
            : throw new DatasetException(
                text, $"allowed is {task}:SPLIT:COUNT or {task}:SPLIT:COUNT:SEED; splits are {string.Join(", ", TaskProblems.Splits(task))}");
    }

    /// <summary>Pixels of its pictures where each has a visual token a cell; null where the checkpoint sets them.</summary>
    public long? Pixels => TaskProblems.Pixels(Task, Split);

    /// <summary>The problems.</summary>
    public IReadOnlyList<DatasetRow> Rows() =>
        [.. TaskProblems.Samples(Task, Split, Count, Seed).Select(sample => new DatasetRow(sample.Id, sample, null))];

    private static string? TaskOf(string text) =>
        TaskProblems.Tasks.FirstOrDefault(task => text.StartsWith(task + ":", StringComparison.Ordinal));
}
