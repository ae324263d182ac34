using System.Globalization;

namespace ActivationReplay.Benchmarks.Benchmarks;

/// <summary>One measured loop.</summary>
/// <param name="VisualTokens">The number of visual tokens of the picture.</param>
/// <param name="Layers">The number of layers of the loss.</param>
/// <param name="TopK">K, the number of the target's tokens that are compared; 0 is the whole vocabulary.</param>
/// <param name="Dtype">The type of weights and activations.</param>
/// <param name="Variants">The number of variants in one batch.</param>
public sealed record LoopCase(int VisualTokens, int Layers, int TopK, string Dtype, int Variants)
{
    /// <summary>Cases that vary one parameter at a time around a common case.</summary>
    internal static IEnumerable<LoopCase> Sweep(string dtype)
    {
        var middle = new LoopCase(256, Workloads.MeasuredLoop.Layers, 50, dtype, 1);
        return
        [
            .. new[] { 64, 128, 256, 512, 1024 }.Select(tokens => middle with { VisualTokens = tokens }),
            .. new[] { 3, 16 }.Select(layers => middle with { Layers = layers }),
            .. new[] { 10, 200 }.Select(topK => middle with { TopK = topK }),
            .. new[] { 2, 4 }.Select(variants => middle with { Variants = variants }),
        ];
    }

    /// <summary>
    /// A case in the other type, with a small picture: CPUs without instructions for it take ten times as long and more.
    /// </summary>
    internal static LoopCase OfOtherType(string dtype) =>
        new(64, Workloads.MeasuredLoop.Layers, 50, dtype == "float32" ? "bfloat16" : "float32", 1);

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"N={VisualTokens} layers={Layers} K={TopK} {Dtype} variants={Variants}");
}
