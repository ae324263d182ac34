using System.Numerics.Tensors;
using ActivationReplay.Native;
using Tensor = TorchSharp.torch.Tensor;

namespace ActivationReplay.Kernels;

/// <summary>Softmax over the first elements of rows, on the processor in fp32 and in place.</summary>
internal static class HostSoftmax
{
    /// <summary>Scores become probabilities.</summary>
    public static void Forward(Span<float> scores)
    {
        // The library's own function does not take the largest off, and overflows.
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max<float>(scores), scores);
        TensorPrimitives.SoftMax<float>(scores, scores);
    }

    /// <summary>Scores [..., S] become probabilities p; row i is over its first <paramref name="visible"/>[i mod n], 0 behind them.</summary>
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

    /// <summary>The gradient g at the probabilities p becomes that at the scores, p ⊙ (g − Σ p ⊙ g).</summary>
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
