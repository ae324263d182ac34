using System.Numerics.Tensors;
using ActivationReplay.Native;

namespace ActivationReplay.Kernels;

/// <summary>silu(z) ⊙ u and its gradient, in place, on the CPU in fp32.</summary>
internal static class HostSwiGlu
{
    // Elements at a time, so that all operands fit in the L1 cache.
    private const int Chunk = 1024;

    /// <summary>Replaces u by silu(z) ⊙ u. Overwrites the gate.</summary>
    /// <param name="gate">z.</param>
    /// <param name="up">u, of the same length; receives the result.</param>
    public static void Forward(Span<float> gate, Span<float> up)
    {
        TensorPrimitives.Multiply(gate, up, up);
        TensorPrimitives.Sigmoid<float>(gate, gate);
        TensorPrimitives.Multiply(gate, up, up);
    }

    /// <summary>
    /// Replaces z and u by gradients, given the gradient i of the product and σ = sigmoid(z): the gate receives that of u,
    /// i ⊙ zσ, and up receives that of z, u ⊙ (i zσ + σ ⊙ (i − i zσ)), since silu'(z) = σ + zσ(1 − σ).
    /// </summary>
    /// <param name="gate">z; receives the gradient of u.</param>
    /// <param name="up">u; receives the gradient of z.</param>
    /// <param name="inner">i. It is overwritten.</param>
    public static unsafe void Backward(HostMatrix gate, HostMatrix up, HostMatrix inner)
    {
        var elements = gate.Count;
        ComputeThreads.Split((int)((elements + Chunk - 1) / Chunk), (first, end) =>
        {
            Span<float> sigmoids = stackalloc float[Chunk];
            for (var chunk = first; chunk < end; chunk++)
            {
                var from = (long)chunk * Chunk;
                var count = (int)Math.Min(Chunk, elements - from);
                Backward(new(gate.Data + from, count), new(up.Data + from, count), new(inner.Data + from, count), sigmoids[..count]);
            }
        });
    }

    private static void Backward(Span<float> gate, Span<float> up, Span<float> inner, Span<float> sigmoid)
    {
        TensorPrimitives.Sigmoid<float>(gate, sigmoid);
        TensorPrimitives.Multiply(gate, sigmoid, gate);
        TensorPrimitives.Multiply(gate, inner, gate);
        TensorPrimitives.Subtract(inner, gate, inner);
        TensorPrimitives.MultiplyAdd(inner, sigmoid, gate, inner);
        TensorPrimitives.Multiply(up, inner, up);
    }
}
