using System.Numerics.Tensors;
using ActivationReplay.Native;
using Tensor = TorchSharp.torch.Tensor;

namespace ActivationReplay.Kernels;

/// <summary>silu(z) ⊙ u and its derivative on the processor in fp32, in place.</summary>
internal static class HostSwiGlu
{
    // Elements at a time: what the nearest cache holds of all operands.
    private const int Chunk = 1024;

    /// <summary>u becomes silu(z) ⊙ u. The gate is used up.</summary>
    /// <param name="gate">z.</param>
    /// <param name="up">u, as many.</param>
    public static void Forward(Span<float> gate, Span<float> up)
    {
        TensorPrimitives.Multiply(gate, up, up);
        TensorPrimitives.Sigmoid<float>(gate, gate);
        TensorPrimitives.Multiply(gate, up, up);
    }

    /// <summary>
    /// With i the gradient at the result and σ of the gate z: the gate becomes the gradient at u, i ⊙ zσ, and u that at the
    /// gate, u ⊙ (i zσ + σ ⊙ (i − i zσ)), since silu'(z) = σ + zσ(1 − σ).
    /// </summary>
    /// <param name="gate">z.</param>
    /// <param name="up">u.</param>
    /// <param name="inner">i. It is used up.</param>
    public static void Backward(Tensor gate, Tensor up, Tensor inner)
    {
        var (elements, zs, us, gradients) = (gate.numel(), new HostRows(gate, 1), new HostRows(up, 1), new HostRows(inner, 1));
        ComputeThreads.Split((int)((elements + Chunk - 1) / Chunk), (first, end) =>
        {
            Span<float> sigmoids = stackalloc float[Chunk];
            for (var chunk = first; chunk < end; chunk++)
            {
                var from = (long)chunk * Chunk;
                var count = (int)Math.Min(Chunk, elements - from);
                Backward(zs.Many(from, count), us.Many(from, count), gradients.Many(from, count), sigmoids[..count]);
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
