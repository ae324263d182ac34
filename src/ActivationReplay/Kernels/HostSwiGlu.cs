using System.Numerics.Tensors;
using ActivationReplay.Native;
using Tensor = TorchSharp.torch.Tensor;

namespace ActivationReplay.Kernels;

/// <summary>The derivative of silu(z) ⊙ u on the processor in fp32, in place and in one pass over memory.</summary>
internal static class HostSwiGlu
{
    // Elements at a time: what the nearest cache holds of all operands.
    private const int Chunk = 1024;

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
                Span<float> sigmoid = sigmoids[..count], z = zs.Many(from, count), u = us.Many(from, count), i = gradients.Many(from, count);
                TensorPrimitives.Sigmoid<float>(z, sigmoid);
                TensorPrimitives.Multiply(z, sigmoid, z);
                TensorPrimitives.Multiply(z, i, z);
                TensorPrimitives.Subtract(i, z, i);
                TensorPrimitives.MultiplyAdd(i, sigmoid, z, i);
                TensorPrimitives.Multiply(u, i, u);
            }
        });
    }
}
