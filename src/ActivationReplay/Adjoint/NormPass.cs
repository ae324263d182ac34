using ActivationReplay.Kernels;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// A forward pass of an RMSNorm with frozen weights over states held as columns, and its vector-Jacobian product.
/// </summary>
internal sealed class NormPass : INormPass
{
    private readonly RmsNorm norm;
    private readonly Tensor x;
    private readonly Tensor inverse; // 1/√(mean(x²) + ε), fp32, [1, n]

    /// <param name="norm">The module whose frozen weights are used.</param>
    /// <param name="x">The states, [D, n]. Not owned; they must not change before <see cref="AddBackward"/>.</param>
    public NormPass(RmsNorm norm, Tensor x)
    {
        using var part = OperationRecorder.Part("norm");
        (this.norm, this.x) = (norm, x);
        (Output, inverse) = ColumnNorm.Forward(x, norm.Weight, norm.Epsilon);
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
        using var part = OperationRecorder.Part("norm");
        ColumnNorm.AddBackward(x, norm.Weight, inverse, gradient, sum);
        inverse.Dispose();
    }
}
