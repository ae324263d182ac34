namespace ActivationReplay.Benchmarks.Counting;

/// <summary>The work that a computation needs, independently of the implementation.</summary>
/// <param name="Forward">Floating-point operations of the values, a multiplication and an addition counted as two.</param>
/// <param name="Backward">Floating-point operations of the gradients with respect to activations; weights get none.</param>
/// <param name="Bytes">
/// Bytes that must come from memory: weights once a pass, and keys and values that were computed before.
/// </param>
internal readonly record struct Work(double Forward, double Backward, double Bytes)
{
    /// <summary>All operations.</summary>
    public double Flop => Forward + Backward;

    /// <summary>Operations a byte.</summary>
    public double Intensity => Flop / Bytes;

    public static Work operator +(Work a, Work b) => new(a.Forward + b.Forward, a.Backward + b.Backward, a.Bytes + b.Bytes);

    public static Work operator *(Work a, double times) => new(a.Forward * times, a.Backward * times, a.Bytes * times);
}
