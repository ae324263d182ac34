namespace ActivationReplay.Benchmarks.Roofline;

/// <summary>A computation in the plane of the roofline, and a line of roofline.csv.</summary>
/// <param name="Name">What it is.</param>
/// <param name="FlopPerByte">Needed operations a byte that must come from memory.</param>
/// <param name="FlopPerSecond">Needed operations a second, measured.</param>
/// <param name="Seconds">Of one.</param>
/// <param name="OfRoof">
/// The rate as a fraction of the roof there: the product's rate, or the copy's rate times operations a byte.
/// </param>
internal sealed record RooflinePoint(string Name, double FlopPerByte, double FlopPerSecond, double Seconds, double OfRoof)
{
    /// <summary>The highest rate at an intensity.</summary>
    public static double Roof(double flopPerByte, double productRate, double copyRate) =>
        Math.Min(productRate, flopPerByte * copyRate);
}
