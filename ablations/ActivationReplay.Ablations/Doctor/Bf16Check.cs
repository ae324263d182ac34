using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Doctor;

/// <summary>What the processor does in bf16: measured, since a flag of the processor does not say what libtorch makes of it.</summary>
/// <param name="seconds">Seconds of a product of two matrices 1024 × 1024 of a type on the CPU.</param>
internal sealed class Bf16Check(Func<ScalarType, double> seconds) : ICheck
{
    private const int Side = 1024;
    private const double Flop = 2.0 * Side * Side * Side;

    public string Name => "CPU in bf16";

    public Finding Run()
    {
        var (single, half) = (seconds(ScalarType.Float32), seconds(ScalarType.BFloat16));
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"a product of {Side}³ takes {half / single:0.00} of the time in fp32 ({Flop / half / 1e9:0} against {Flop / single / 1e9:0} GFLOP/s)");
        return half <= single
            ? Finding.Ok($"{text}: --dtype bfloat16 is the faster on the CPU, and takes half the memory")
            : Finding.Warn(text, "On the CPU --dtype float32 (the default) is the faster; bfloat16 pays only where fp32 weights do not fit the memory.");
    }

    /// <summary>The shortest of a few, after one that warms up.</summary>
    public static double Measure(ScalarType type)
    {
        const int Times = 3;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (a, b) = (rand([Side, Side], ScalarType.Float32).to_type(type), rand([Side, Side], ScalarType.Float32).to_type(type));
        return Enumerable.Range(0, Times + 1).Select(_ =>
        {
            var watch = Stopwatch.StartNew();
            mm(a, b).Dispose();
            return watch.Elapsed.TotalSeconds;
        }).Skip(1).Min();
    }
}
