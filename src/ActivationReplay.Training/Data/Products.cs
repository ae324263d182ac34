using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>In which type a model's matrix products are computed, and for how long converted weights are kept.</summary>
internal static class Products
{
    /// <summary>Sets the type of all products but the head's, whose rounding would show in the loss.</summary>
    public static void Use(QwenVlModel model, ScalarType? type)
    {
        foreach (var (name, module) in model.named_modules())
        {
            if (module is Linear linear && name != "lm_head")
            {
                linear.ProductType = type;
            }
        }
    }

    /// <summary>Converts the decoder's weights once until the result is disposed. They must not change meanwhile.</summary>
    public static IDisposable Hold(QwenVlModel model) => new Held(model);

    private sealed class Held : IDisposable
    {
        private readonly List<Linear> linears;

        public Held(QwenVlModel model)
        {
            linears = [.. model.named_modules()
                .Where(m => m.name.StartsWith("model.", StringComparison.Ordinal)).Select(m => m.module).OfType<Linear>()];
            linears.ForEach(linear => linear.HoldConverted());
        }

        public void Dispose() => linears.ForEach(linear => linear.ReleaseConverted());
    }
}
