using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Training.Tasks.Clips;
using ActivationReplay.Training.Tasks.Zooming;

namespace ActivationReplay.Training;

/// <summary>The problems of the embedded pairs' tasks, by the names that the command line takes.</summary>
public static class TaskProblems
{
    /// <summary>Counting shapes and adding digits in one picture.</summary>
    public const string Counting = "counting";

    /// <summary>Reading a digit that must be zoomed in on.</summary>
    public const string Zooming = "zooming";

    /// <summary>Telling what happens in a short clip.</summary>
    public const string Clips = "clips";

    /// <summary>The tasks.</summary>
    public static IReadOnlyList<string> Tasks { get; } = [Counting, Zooming, Clips];

    /// <summary>The splits of a task.</summary>
    /// <exception cref="ArgumentException">There is no such task.</exception>
    public static IReadOnlyList<string> Splits(string task) => task switch
    {
        Counting => SceneSplits.Names,
        Zooming or Clips => ["train", "validation", "test"],
        _ => throw new ArgumentException($"There is no task '{task}'; there are {string.Join(", ", Tasks)}.", nameof(task)),
    };

    /// <summary>The first problems of a split.</summary>
    /// <param name="task">The task.</param>
    /// <param name="split">One of its splits.</param>
    /// <param name="count">How many; families take turns or are drawn.</param>
    /// <param name="seed">With split and number it decides each problem.</param>
    /// <exception cref="ArgumentException">There is no such task or split.</exception>
    public static IEnumerable<Sample> Samples(string task, string split, int count, ulong seed)
    {
        switch (task)
        {
            case Zooming:
                return ZoomProblems(split, count, seed).Select(p => p.ToSample());
            case Clips:
                return ClipProblems(split, count, seed).Select(p => p.ToSample());
        }

        CheckSplit(task, split);
        var (scenes, part) = SceneSplits.Find(split);
        return Enumerable.Range(0, count).Select(i => CountingProblem.Create(scenes, seed, part, i).ToSample());
    }

    /// <summary>The first problems of a split of the zooming task.</summary>
    /// <inheritdoc cref="Samples"/>
    public static IEnumerable<ZoomProblem> ZoomProblems(string split, int count, ulong seed)
    {
        CheckSplit(Zooming, split);
        var (_, part) = SceneSplits.Find(split);
        return Enumerable.Range(0, count).Select(i => ZoomProblem.Create(new ZoomSettings(), seed, part, i));
    }

    /// <summary>The first problems of a split of the clips task.</summary>
    /// <inheritdoc cref="Samples"/>
    public static IEnumerable<ClipProblem> ClipProblems(string split, int count, ulong seed)
    {
        CheckSplit(Clips, split);
        var (_, part) = SceneSplits.Find(split);
        return Enumerable.Range(0, count).Select(i => ClipProblem.Create(seed, part, i));
    }

    /// <summary>The area that pictures are seen at, where the task sets it; null leaves it to the checkpoint.</summary>
    /// <exception cref="ArgumentException">There is no such task or split.</exception>
    public static long? Pixels(string task, string split)
    {
        CheckSplit(task, split);
        return task != Counting ? null : (long)SceneSplits.Find(split).Scenes.Side * SceneSplits.Find(split).Scenes.Side * SceneSplits.PixelsPerCell;
    }

    private static void CheckSplit(string task, string split)
    {
        if (!Splits(task).Contains(split))
        {
            throw new ArgumentException($"The {task} task has no split '{split}'; it has {string.Join(", ", Splits(task))}.", nameof(split));
        }
    }
}
