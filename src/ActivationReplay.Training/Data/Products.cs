using System.Diagnostics;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>In which type a model's matrix products are computed, and for how long converted weights are kept.</summary>
internal static class Products
{
    /// <summary>Sets the type of all products but the head's, whose rounding would show in the loss.</summary>
    public static void Use(QwenVlModel model, ProductPrecision precision) => model.Backend = precision == ProductPrecision.Bf16
        ? new ConvertedProducts(model.OwnBackend, ScalarType.BFloat16)
        : model.OwnBackend;

    /// <summary>
    /// The faster type for products of fp32 weights here, by a measurement of a product with its gradients: bf16 is several times faster on
    /// processors that compute it, and ten times slower on those that do not.
    /// </summary>
    public static ProductPrecision Fastest()
    {
        using var scope = NewDisposeScope();
        var (rows, weight) = (ones(2048, 192, requires_grad: true), ones(448, 192, requires_grad: true));

        // By turns, the fastest of five each, of which the first also warms up; conversions count.
        var seconds = Enumerable.Range(0, 5).Select(_ => (Narrow: Seconds(ScalarType.BFloat16), Wide: Seconds(ScalarType.Float32))).ToList();
        return seconds.Min(s => s.Narrow) < seconds.Min(s => s.Wide) ? ProductPrecision.Bf16 : ProductPrecision.Fp32;

        double Seconds(ScalarType type)
        {
            var start = Stopwatch.GetTimestamp();
            nn.functional.linear(rows.to_type(type), weight.to_type(type)).to_type(ScalarType.Float32).sum().backward();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    /// <summary>Converts the decoder's weights once until the result is disposed. They must not change meanwhile.</summary>
    public static IDisposable? Hold(QwenVlModel model) => (model.Backend as ConvertedProducts)?.Hold(
        model.named_modules().Where(m => m.name.StartsWith("model.", StringComparison.Ordinal)).Select(m => m.module).OfType<Linear>());
}
