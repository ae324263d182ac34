namespace ActivationReplay.Benchmarks.Gpu;

/// <summary>A number that a part of the kit measured, and a line of its CSV.</summary>
/// <param name="Measure">Its name, which the kit's table looks for.</param>
/// <param name="Value">The number; null where it cannot be measured here.</param>
/// <param name="Unit">seconds, bytes, FLOP/s, …</param>
/// <param name="Detail">How it came about.</param>
internal sealed record GpuMeasure(string Measure, double? Value, string Unit, string Detail = "");
