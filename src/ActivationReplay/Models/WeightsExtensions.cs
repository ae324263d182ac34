using ActivationReplay.Checkpoints;
using TorchSharp.Modules;

namespace ActivationReplay.Models;

internal static class WeightsExtensions
{
    /// <summary>The weight <paramref name="key"/> as a parameter without gradient, which training switches on.</summary>
    public static Parameter Parameter(this IWeights weights, string key, params ReadOnlySpan<long> shape)
    {
        var parameter = new Parameter(weights.Get(key, shape), requires_grad: false);
        // Its module owns it.
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
