using static TorchSharp.torch;

namespace ActivationReplay.Native;

/// <summary>
/// Gradients by autograd. TorchSharp's <c>autograd.grad</c> lets libtorch's exceptions pass (as <c>matmul</c> does, for which
/// <c>mm</c> stands): no C# code can catch them, and where memory runs out the process ends. <c>backward</c> catches them.
/// </summary>
internal static class Gradients
{
    /// <summary>The gradient of <paramref name="output"/> at each leaf, of the leaf's shape; the graph is freed.</summary>
    /// <param name="output">A scalar, or a tensor with its own gradient.</param>
    /// <param name="leaves">Tensors that ask for gradients and were made by no operation that has any.</param>
    /// <param name="gradient">Of the output's shape; null is 1 of a scalar.</param>
    public static IReadOnlyList<Tensor> Of(Tensor output, IReadOnlyList<Tensor> leaves, Tensor? gradient = null)
    {
        autograd.backward([output], gradient is null ? null : [gradient], inputs: [.. leaves]);
        return [.. leaves.Select(Take)];
    }

    // backward adds to what a leaf holds: it must hold nothing.
    private static Tensor Take(Tensor leaf)
    {
        var gradient = leaf.grad!;
        leaf.grad = null;
        return gradient;
    }
}
