using System.Globalization;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Training.Tasks;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>
/// Held-out problems of the counting task, made when they are asked for: <c>counting:SPLIT:COUNT[:SEED]</c> in place of a data
/// set's file, for example <c>counting:hard-8:200</c>.
/// </summary>
/// <param name="Split">One of <see cref="SceneSplits.Names"/>.</param>
/// <param name="Count">How many problems; families take turns.</param>
/// <param name="Seed">With split and number it decides each problem.</param>
internal sealed record TaskDataset(string Split, int Count, ulong Seed)
{
    /// <summary>The seed where none is named: the embedded pair's, whose test problems no training saw.</summary>
    public const ulong DefaultSeed = 20261124;

    /// <summary>What commands take where no data set is named.</summary>
    public const string Default = "counting:test:48";

    private const string Scheme = "counting:";

    /// <summary>Whether the text names problems of the task.</summary>
    public static bool Is(string text) => text.StartsWith(Scheme, StringComparison.Ordinal);

    /// <summary>Reads <c>counting:SPLIT:COUNT[:SEED]</c>.</summary>
    /// <exception cref="DatasetException">It is of another form.</exception>
    public static TaskDataset Parse(string text)
    {
        var parts = text.Split(':');
        var seed = DefaultSeed;
        return parts.Length is 3 or 4
            && SceneSplits.Names.Contains(parts[1])
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count > 0
            && (parts.Length == 3 || ulong.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out seed))
            ? new TaskDataset(parts[1], count, seed)
            : throw new DatasetException(
                text, $"allowed is counting:SPLIT:COUNT or counting:SPLIT:COUNT:SEED; splits are {string.Join(", ", SceneSplits.Names)}");
    }

    /// <summary>Pixels of its pictures: a visual token a cell.</summary>
    public long Pixels => (long)SceneSplits.Find(Split).Scenes.Side * SceneSplits.Find(Split).Scenes.Side * SceneSplits.PixelsPerCell;

    /// <summary>The problems.</summary>
    public IReadOnlyList<DatasetRow> Rows()
    {
        var (scenes, part) = SceneSplits.Find(Split);
        return
        [
            .. Enumerable.Range(0, Count)
                .Select(i => CountingProblem.Create(scenes, Seed, part, i).ToSample())
                .Select(sample => new DatasetRow(sample.Id, sample, null)),
        ];
    }
}
