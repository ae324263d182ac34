namespace ActivationReplay.Replay;

/// <summary>Settings of a method that optimises offsets δ: the loop, and where δ lives. The defaults are the published ones.</summary>
public abstract record LoopSettings : MethodSettings
{
    // Offsets and gradients are fp32; a larger step is infinite there.
    private const double MostRate = float.MaxValue;

    /// <summary>How the offsets are updated.</summary>
    public OptimiserKind Optimiser { get; init; }

    /// <summary>Step size, a number that fp32 holds.</summary>
    public double LearningRate
    {
        get;
        init => field = value is > 0 and <= MostRate ? value : throw Invalid(nameof(LearningRate), value, "a number above 0 that fp32 holds");
    } = 10;

    /// <summary>Optimisation steps.</summary>
    public int Iterations { get; init => field = AtLeast(value, 0, nameof(Iterations)); } = 25;

    /// <summary>The loop ends early where the loss is at most this share of its start; 0 takes all steps.</summary>
    public double StopAt
    {
        get;
        init => field = value is >= 0 and < 1 ? value : throw Invalid(nameof(StopAt), value, "0, or a share below 1");
    }

    /// <summary>δ lives on ⌈r·h⌉ × ⌈r·w⌉ learnable tokens of each picture and temporal step.</summary>
    public double GridRatio { get; init => field = Ratio(value, nameof(GridRatio)); } = 1;

    /// <summary>
    /// δ lives on ⌈r·T⌉ of a video's T temporal steps, and is interpolated linearly between them: a small ratio is one δ that all
    /// steps share.
    /// </summary>
    public double GridTimeRatio { get; init => field = Ratio(value, nameof(GridTimeRatio)); } = 1;

    /// <summary>δ lives on at most this many learnable tokens of each picture and temporal step, instead; null is by ratio.</summary>
    public int? GridCells
    {
        get;
        init => field = value is null ? null : AtLeast(value.Value, 1, nameof(GridCells));
    }

    /// <summary>
    /// The same without <see cref="Iterations"/> and <see cref="StopAt"/>: variants that are equal in it take the same steps, each
    /// as far as its own end, and so are one loop.
    /// </summary>
    public LoopSettings WithoutEnd() => this with { Iterations = 0, StopAt = 0 };
}

/// <summary>The two loops that have a name.</summary>
public static class LoopPresets
{
    /// <summary>
    /// The same with the loop's fast settings: 9 steps with momentum at the published rate. A heavy ball of 0.9 goes as far in
    /// 9 steps along a steady gradient as 35 plain steps, in 8 as 29: past what the published 25 reach. Everything that says
    /// what is matched stays.
    /// </summary>
    public static T Accelerated<T>(this T settings)
        where T : LoopSettings => Loop<T>(settings, OptimiserKind.Momentum, iterations: 9);

    /// <summary>The same with the published loop: 25 plain steps at a rate of 10.</summary>
    public static T Published<T>(this T settings)
        where T : LoopSettings => Loop<T>(settings, OptimiserKind.Sgd, iterations: 25);

    private static T Loop<T>(LoopSettings settings, OptimiserKind optimiser, int iterations)
        where T : LoopSettings => (T)(settings with
        {
            Optimiser = optimiser,
            LearningRate = 10,
            Iterations = iterations,
            StopAt = 0,
        });
}
