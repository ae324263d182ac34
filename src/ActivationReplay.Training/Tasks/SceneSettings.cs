namespace ActivationReplay.Training.Tasks;

/// <summary>How scenes are made. Checked on construction.</summary>
public sealed record SceneSettings
{
    /// <summary>The training split: 6×6 cells, 10 to 18 objects.</summary>
    public static SceneSettings Standard { get; } = new();

    /// <summary>Cells along each side; a cell is one visual token.</summary>
    public int Side { get; init => field = InRange(nameof(Side), value, 2, 32); } = 6;

    /// <summary>Fewest objects, digits included.</summary>
    public int LeastObjects { get; init => field = InRange(nameof(LeastObjects), value, 2, 1024); } = 10;

    /// <summary>Most objects, digits included.</summary>
    public int MostObjects { get; init => field = InRange(nameof(MostObjects), value, 2, 1024); } = 18;

    /// <summary>Fewest digits.</summary>
    public int LeastDigits { get; init => field = InRange(nameof(LeastDigits), value, 1, 9); } = 2;

    /// <summary>Most digits; the digits of a scene are all different.</summary>
    public int MostDigits { get; init => field = InRange(nameof(MostDigits), value, 1, 9); } = 5;

    /// <summary>Checks that the numbers fit one another.</summary>
    /// <exception cref="ArgumentException">They do not; the message says how they would.</exception>
    public SceneSettings Validated() =>
        LeastObjects <= MostObjects && LeastDigits <= MostDigits && MostDigits <= LeastObjects && MostObjects <= Side * Side
            ? this
            : throw new ArgumentException(FormattableString.Invariant(
                $"A scene of {Side}×{Side} cells cannot have {LeastObjects} to {MostObjects} objects with {LeastDigits} to {MostDigits} digits; ")
                + "least is at most most, digits fit into the objects and objects into the cells.");

    private static int InRange(string name, int value, int least, int most) => value >= least && value <= most
        ? value
        : throw new ArgumentOutOfRangeException(
            name, value, FormattableString.Invariant($"{name} is {value}; allowed: {least} to {most}."));
}
