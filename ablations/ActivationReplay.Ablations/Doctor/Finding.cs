namespace ActivationReplay.Ablations.Doctor;

/// <summary>How a thing is.</summary>
internal enum Health
{
    Ok,
    Warning,
    Failure,
}

/// <summary>What a check found.</summary>
/// <param name="Health">How it is.</param>
/// <param name="Says">What is there, in a line.</param>
/// <param name="Advice">What to do about it; null where there is nothing to do.</param>
internal sealed record Finding(Health Health, string Says, string? Advice = null)
{
    public static Finding Ok(string says) => new(Health.Ok, says);

    public static Finding Warn(string says, string advice) => new(Health.Warning, says, advice);

    public static Finding Fail(string says, string advice) => new(Health.Failure, says, advice);
}

/// <summary>One thing that is looked at.</summary>
internal interface ICheck
{
    /// <summary>What, in a word or two.</summary>
    string Name { get; }

    /// <summary>Looks at it. What it throws is a failure, too.</summary>
    Finding Run();
}
