namespace ActivationReplay.Training.Tasks.Clips;

/// <summary>The proportions of poor written answers; the rest say what happens in each step, then answer by that.</summary>
public sealed record ClipRates
{
    /// <summary>Answers without the steps, which are guesses.</summary>
    public double Hasty { get; init => field = Rate(nameof(Hasty), value); } = 0.4;

    /// <summary>Answers after the steps that do not follow from them.</summary>
    public double Slip { get; init => field = Rate(nameof(Slip), value); } = 0.08;

    private static double Rate(string name, double value) => value is >= 0 and <= 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"{name} is {value}; allowed: 0 to 1."));
}
