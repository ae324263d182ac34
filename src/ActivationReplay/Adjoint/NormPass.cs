using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>One pass of an RMSNorm with frozen weights over columns, and its vector-Jacobian product.</summary>
internal sealed class NormPass
{
    private readonly RmsNorm norm;
    private readonly ColumnArithmetic arithmetic;
    private readonly Tensor x;
    private readonly Tensor inverse; // 1/√(mean(x²) + ε), fp32, [1, n]

    /// <param name="norm">The module.</param>
    /// <param name="arithmetic">Who computes.</param>
    /// <param name="x">[D, n]. Not owned, not changed until <see cref="AddBackward"/>.</param>
    public NormPass(RmsNorm norm, ColumnArithmetic arithmetic, Tensor x)
    {
        (this.norm, this.arithmetic, this.x) = (norm, arithmetic, x);
        (Output, inverse) = arithmetic.Norm(norm, x);
        Output.DetachFromDisposeScope();
        inverse.DetachFromDisposeScope();
    }

    /// <summary>The normalised states, of x's shape and type.</summary>
    public Tensor Output { get; }

    /// <summary>
    /// Adds the gradient at x to <paramref name="sum"/>, fp32, of that at the output. Uses up the gradient and what the pass
    /// holds.
    /// </summary>
    public void AddBackward(Tensor gradient, Tensor sum)
    {
        arithmetic.AddNormBackward(norm, x, inverse, gradient, sum);
        inverse.Dispose();
    }
}
