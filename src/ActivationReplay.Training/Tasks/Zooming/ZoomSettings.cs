namespace ActivationReplay.Training.Tasks.Zooming;

/// <summary>How scenes of the zooming task are made; the defaults are those of its problems. Checked on construction.</summary>
public sealed record ZoomSettings
{
    /// <summary>Fewest objects of a scene.</summary>
    public int LeastObjects { get; init => field = InRange(nameof(LeastObjects), value); } = 1;

    /// <summary>Most objects of a scene; no two have both colour and shape in common.</summary>
    public int MostObjects { get; init => field = InRange(nameof(MostObjects), value); } = 3;

    /// <summary>Checks that the numbers fit one another.</summary>
    /// <exception cref="ArgumentException">They do not; the message says how they would.</exception>
    public ZoomSettings Validated() => LeastObjects <= MostObjects
        ? this
        : throw new ArgumentException(FormattableString.Invariant(
            $"A scene cannot have {LeastObjects} to {MostObjects} objects; least is at most most."));

    private static int InRange(string name, int value) => value is >= 1 and <= ZoomScene.Looks
        ? value
        : throw new ArgumentOutOfRangeException(
            name, value, FormattableString.Invariant($"{name} is {value}; allowed: 1 to {ZoomScene.Looks}."));
}
