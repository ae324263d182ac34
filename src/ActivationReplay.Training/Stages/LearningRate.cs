namespace ActivationReplay.Training.Stages;

/// <summary>Linear warm-up, then half a cosine down to <see cref="Last"/> of the peak.</summary>
public sealed record LearningRate
{
    /// <summary>The highest rate.</summary>
    public required double Peak { get; init; }

    /// <summary>Steps of the warm-up.</summary>
    public int WarmUp { get; init; }

    /// <summary>The rate at the last step, as a fraction of the peak; 1 keeps the rate constant.</summary>
    public double Last { get; init; }

    /// <summary>The rate of a step, 0 to <paramref name="steps"/> - 1.</summary>
    public double At(int step, int steps)
    {
        if (step < WarmUp)
        {
            return Peak * (step + 1) / WarmUp;
        }

        var progress = (double)(step - WarmUp) / Math.Max(1, steps - WarmUp);
        return Peak * (Last + ((1 - Last) * 0.5 * (1 + Math.Cos(Math.PI * progress))));
    }
}
