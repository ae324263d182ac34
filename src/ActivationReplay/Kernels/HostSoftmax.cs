using System.Numerics.Tensors;
using ActivationReplay.Native;
using Tensor = TorchSharp.torch.Tensor;

namespace ActivationReplay.Kernels;

/// <summary>Softmax over the first elements of rows, in place, on the CPU in fp32.</summary>
internal static class HostSoftmax
{
    /// <summary>Replaces scores by their softmax.</summary>
    public static void Forward(Span<float> scores)
    {
        // TensorPrimitives.SoftMax does not subtract the maximum, and overflows without it.
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max<float>(scores), scores);
        TensorPrimitives.SoftMax<float>(scores, scores);
    }

    /// <summary>
    /// Replaces each row of scores [..., S] by the softmax of its first elements; the others become 0.
    /// </summary>
    /// <param name="scores">The scores, contiguous.</param>
    /// <param name="visible">How many elements row i has: visible[i mod n], with n the length of the array.</param>
    public static void Forward(Tensor scores, int[] visible)
    {
        var rows = new HostRows(scores);
        ForRows(scores, row =>
        {
            var seen = visible[row % visible.Length];
            Forward(rows[row][..seen]);
            rows[row][seen..].Clear();
        });
    }

    /// <summary>
    /// Replaces the gradient g with respect to the probabilities p by that with respect to the scores, p ⊙ (g − Σ p ⊙ g).
    /// </summary>
    /// <param name="probabilities">p, [..., S], from <see cref="Forward(Tensor, int[])"/>.</param>
    /// <param name="gradient">g, [..., S]; receives the result.</param>
    /// <param name="visible">As in <see cref="Forward(Tensor, int[])"/>.</param>
    public static void Backward(Tensor probabilities, Tensor gradient, int[] visible)
    {
        var (p, g) = (new HostRows(probabilities), new HostRows(gradient));
        ForRows(probabilities, row =>
        {
            var seen = visible[row % visible.Length];
            ReadOnlySpan<float> probability = p[row][..seen];
            TensorPrimitives.Subtract(g[row][..seen], TensorPrimitives.Dot(probability, g[row][..seen]), g[row][..seen]);
            TensorPrimitives.Multiply(probability, g[row][..seen], g[row][..seen]);
            g[row][seen..].Clear();
        });
    }

    private static void ForRows(Tensor x, Action<int> work) => ComputeThreads.Split((int)(x.numel() / x.shape[^1]), (first, end) =>
    {
        for (var row = first; row < end; row++)
        {
            work(row);
        }
    });
}
