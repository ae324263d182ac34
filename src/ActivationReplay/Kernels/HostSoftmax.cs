using System.Numerics.Tensors;
using ActivationReplay.Native;

namespace ActivationReplay.Kernels;

/// <summary>Softmax over the first elements of rows, in place, on the CPU in fp32.</summary>
internal static class HostSoftmax
{
    /// <summary>Replaces scores by their softmax.</summary>
    public static void Forward(Span<float> scores)
    {
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max<float>(scores), scores);
        TensorPrimitives.Exp<float>(scores, scores);
        TensorPrimitives.Divide(scores, OrderedSums.Sum(scores), scores);
    }

    /// <summary>
    /// Replaces each row of scores [..., S] by the softmax of its first elements; the others become 0.
    /// </summary>
    /// <param name="scores">The scores, contiguous.</param>
    /// <param name="visible">How many elements row i has: visible[i mod n], with n the length of the array.</param>
    public static void Forward(HostMatrix scores, int[] visible)
    {
        ForRows(scores, row =>
        {
            var seen = visible[row % visible.Length];
            Forward(scores[row][..seen]);
            scores[row][seen..].Clear();
        });
    }

    /// <summary>
    /// Replaces the gradient g with respect to the probabilities p by that with respect to the scores, p ⊙ (g − Σ p ⊙ g).
    /// </summary>
    /// <param name="probabilities">p, [..., S], from <see cref="Forward(HostMatrix, int[])"/>.</param>
    /// <param name="gradient">g, [..., S]; receives the result.</param>
    /// <param name="visible">As in <see cref="Forward(HostMatrix, int[])"/>.</param>
    public static void Backward(HostMatrix probabilities, HostMatrix gradient, int[] visible)
    {
        ForRows(probabilities, row =>
        {
            var seen = visible[row % visible.Length];
            ReadOnlySpan<float> probability = probabilities[row][..seen];
            var g = gradient[row][..seen];
            TensorPrimitives.Subtract(g, OrderedSums.Dot(probability, g), g);
            TensorPrimitives.Multiply(probability, g, g);
            gradient[row][seen..].Clear();
        });
    }

    private static void ForRows(HostMatrix x, Action<int> work) => ComputeThreads.Split(x.Rows, (first, end) =>
    {
        for (var row = first; row < end; row++)
        {
            work(row);
        }
    });
}
