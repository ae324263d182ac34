using System.Globalization;

namespace ActivationReplay.Benchmarks.Benchmarks;

/// <summary>One measured loop.</summary>
/// <param name="VisualTokens">Of the one picture.</param>
/// <param name="Layers">Layers of the loss.</param>
/// <param name="TopK">K; 0 is the whole vocabulary.</param>
/// <param name="Dtype">Of weights and activations.</param>
/// <param name="Variants">Variants in one batch.</param>
public sealed record LoopCase(int VisualTokens, int Layers, int TopK, string Dtype, int Variants)
{
    /// <summary>Each axis by itself from one middle point.</summary>
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
    /// The other type, of a small picture: where a processor has no products of it, they take ten times as long and more.
    /// </summary>
    internal static LoopCase OfOtherType(string dtype) =>
        new(64, Workloads.MeasuredLoop.Layers, 50, dtype == "float32" ? "bfloat16" : "float32", 1);

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"N={VisualTokens} layers={Layers} K={TopK} {Dtype} variants={Variants}");
}
