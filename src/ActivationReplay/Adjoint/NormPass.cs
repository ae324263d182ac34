using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// A forward pass of an RMSNorm with frozen weights over states held as columns, and its vector-Jacobian product.
/// </summary>
internal sealed class NormPass
{
    private readonly RmsNorm norm;
    private readonly ColumnArithmetic arithmetic;
    private readonly Tensor x;
    private readonly Tensor inverse; // 1/√(mean(x²) + ε), fp32, [1, n]

    /// <param name="norm">The module whose frozen weights are used.</param>
    /// <param name="arithmetic">The implementation of the operations, chosen by the model's backend.</param>
    /// <param name="x">The states, [D, n]. Not owned; they must not change before <see cref="AddBackward"/>.</param>
    public NormPass(RmsNorm norm, ColumnArithmetic arithmetic, Tensor x)
    {
        (this.norm, this.arithmetic, this.x) = (norm, arithmetic, x);
        (Output, inverse) = arithmetic.Norm(norm, x);
        Output.DetachFromDisposeScope();
        inverse.DetachFromDisposeScope();
    }

    /// <summary>The normalised states, [D, n], in the type of x.</summary>
    public Tensor Output { get; }

    /// <summary>
    /// Adds the gradient with respect to x to <paramref name="sum"/>. May overwrite <paramref name="gradient"/>; frees the tensors
    /// of the forward pass, so call it once.
    /// </summary>
    /// <param name="gradient">The gradient with respect to the output, [D, n].</param>
    /// <param name="sum">The sum to add to, [D, n] fp32.</param>
    public void AddBackward(Tensor gradient, Tensor sum)
    {
        arithmetic.AddNormBackward(norm, x, inverse, gradient, sum);
        inverse.Dispose();
    }
}
