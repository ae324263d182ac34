using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>
/// Products in a narrower type than the weights', summed to fp32 precision, their results in the type of the input: on CPUs
/// that compute bf16, 4 times faster than in fp32. All else is as <paramref name="inner"/> computes it.
/// </summary>
/// <param name="inner">The model's own backend. Not owned.</param>
/// <param name="type">Type of the products.</param>
internal sealed class ConvertedProducts(Backend inner, ScalarType type) : Backend
{
    private readonly Dictionary<Tensor, (Tensor Weight, Tensor? Bias)> held = new(ReferenceEqualityComparer.Instance);

    public override bool HasKernels => inner.HasKernels;

    public override long ThinRows => 0;

    public override Tensor Product(Tensor x, Tensor weight, Tensor? bias)
    {
        var (w, b) = held.TryGetValue(weight, out var converted) ? converted : (weight.to_type(type), bias?.to_type(type));
        return nn.functional.linear(x.to_type(type), w, b).to_type(x.dtype);
    }

    public override Tensor CausalAttention(Tensor q, Tensor k, Tensor v) => inner.CausalAttention(q, k, v);

    /// <summary>
    /// Converts the weights of some maps once for all calls until the result is disposed; gradients still flow through what was
    /// computed with them.
    /// </summary>
    public IDisposable Hold(IEnumerable<Linear> linears)
    {
        foreach (var linear in linears)
        {
            held[linear.Weight] = (
                linear.Weight.to_type(type).DetachFromDisposeScope(), linear.Bias?.to_type(type).DetachFromDisposeScope());
        }

        return new Release(this);
    }

    private sealed class Release(ConvertedProducts products) : IDisposable
    {
        public void Dispose()
        {
            foreach (var (weight, bias) in products.held.Values)
            {
                weight.Dispose();
                bias?.Dispose();
            }

            products.held.Clear();
        }
    }
}
