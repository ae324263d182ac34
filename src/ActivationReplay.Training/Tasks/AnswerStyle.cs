namespace ActivationReplay.Training.Tasks;

/// <summary>How much of its work an answer shows.</summary>
public enum AnswerStyle
{
    /// <summary>The box alone.</summary>
    Direct,

    /// <summary>One sentence, then the box.</summary>
    Brief,

    /// <summary>A listing with every step, then the box.</summary>
    Full,
}

/// <summary>The probabilities of careless slips in written answers. A slip is off by one and is carried on to the box.</summary>
public sealed record SlipRates
{
    /// <summary>No slips.</summary>
    public static SlipRates None { get; } = new() { Direct = 0, Brief = 0, Step = 0, Sum = 0 };

    /// <summary>The probability for a direct answer.</summary>
    public double Direct { get; init => field = Rate(nameof(Direct), value); } = 0.10;

    /// <summary>The probability for a brief answer.</summary>
    public double Brief { get; init => field = Rate(nameof(Brief), value); } = 0.12;

    /// <summary>The probability for each item of a listing.</summary>
    public double Step { get; init => field = Rate(nameof(Step), value); } = 0.03;

    /// <summary>The probability for each sum or difference.</summary>
    public double Sum { get; init => field = Rate(nameof(Sum), value); } = 0.04;

    private static double Rate(string name, double value) => value is >= 0 and <= 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"{name} is {value}; allowed: 0 to 1."));
}
