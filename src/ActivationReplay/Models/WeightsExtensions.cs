using ActivationReplay.Checkpoints;
using TorchSharp.Modules;

namespace ActivationReplay.Models;

internal static class WeightsExtensions
{
    /// <summary>The weight <paramref name="key"/> as a frozen parameter; training switches its gradient on.</summary>
    public static Parameter Parameter(this IWeights weights, string key, params ReadOnlySpan<long> shape)
    {
        var parameter = new Parameter(weights.Get(key, shape), requires_grad: false);
        // It lives as long as its module.
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
