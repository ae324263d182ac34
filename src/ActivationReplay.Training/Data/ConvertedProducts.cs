using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>
/// A backend that computes matrix products in a narrower type than that of the weights, accumulated in fp32, with results in the type
/// of the input: 4 times faster than fp32 on CPUs with bf16 instructions. Everything else is left to <paramref name="inner"/>.
/// </summary>
/// <param name="inner">The model's own backend. Not owned.</param>
/// <param name="type">The type of the operands of products.</param>
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
    /// Caches the converted weights of some linear maps until the result is disposed. Gradients flow to the original weights.
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
