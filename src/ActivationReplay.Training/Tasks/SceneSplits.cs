namespace ActivationReplay.Training.Tasks;

/// <summary>Names of splits as the command line takes them.</summary>
public static class SceneSplits
{
    /// <summary>The names: the standard grid's parts of a seed, and harder grids, whose problems are all held out.</summary>
    public static IReadOnlyList<string> Names { get; } = ["train", "validation", "test", "hard-6", "hard-8", "hard-12"];

    /// <summary>Pixels of a cell, which is one visual token.</summary>
    public const int PixelsPerCell = ScenePainter.CellSide * ScenePainter.CellSide;

    /// <summary>The split's scenes and its part of a seed's problems.</summary>
    /// <exception cref="ArgumentException">There is no such split.</exception>
    public static (SceneSettings Scenes, ProblemSplit Split) Find(string name) => name switch
    {
        "train" => (SceneSettings.Standard, ProblemSplit.Reinforcement),
        "validation" => (SceneSettings.Standard, ProblemSplit.Validation),
        "test" => (SceneSettings.Standard, ProblemSplit.Test),
        "hard-6" => (Hard(6, 20, 26), ProblemSplit.Test),
        "hard-8" => (Hard(8, 24, 36), ProblemSplit.Test),
        "hard-12" => (Hard(12, 36, 60), ProblemSplit.Test),
        _ => throw new ArgumentException($"There is no split '{name}'; there are {string.Join(", ", Names)}.", nameof(name)),
    };

    private static SceneSettings Hard(int side, int least, int most) =>
        new() { Side = side, LeastObjects = least, MostObjects = most, LeastDigits = 4, MostDigits = 8 };
}
