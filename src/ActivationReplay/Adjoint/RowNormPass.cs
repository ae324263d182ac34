using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// A forward pass of an RMSNorm with frozen weights over rows [n, D], and its vector-Jacobian product: libtorch's fused kernel with
/// its own derivative where the backend has it. Its twin over columns is <see cref="NormPass"/>.
/// </summary>
internal sealed class RowNormPass
{
    private readonly RmsNorm norm;
    private readonly Tensor x;
    private readonly Tensor? inverse; // 1/√(mean(x²) + ε), fp32, [n, 1]; null where autograd has the derivative
    private readonly Tensor? tracked; // x, or the output, as autograd knows it
    private readonly Tensor? result;

    /// <param name="norm">The module whose frozen weights are used.</param>
    /// <param name="backend">The model's backend.</param>
    /// <param name="x">The states, [n, D]. Not owned; they must not change before <see cref="AddBackward"/>.</param>
    public RowNormPass(RmsNorm norm, Backend backend, Tensor x)
    {
        using var part = OperationRecorder.Part("norm");
        using var scope = NewDisposeScope();
        (this.norm, this.x) = (norm, x);
        if (backend.HasKernels)
        {
            (Output, inverse) = norm.Rows(x);
            inverse.DetachFromDisposeScope();
        }
        else
        {
            using var grad = enable_grad();
            tracked = x.detach().requires_grad_().DetachFromDisposeScope();
            result = norm.Forward(tracked).DetachFromDisposeScope();
            Output = result.detach();
        }

        Output.DetachFromDisposeScope();
    }

    /// <summary>The normalised states, [n, D], in the type of x.</summary>
    public Tensor Output { get; }

    /// <summary>
    /// Adds the gradient with respect to x to <paramref name="sum"/> [n, D] fp32, given that with respect to the output. Frees the
    /// tensors of the forward pass, so call it once.
    /// </summary>
    public void AddBackward(Tensor gradient, Tensor sum)
    {
        using var part = OperationRecorder.Part("norm");
        using var scope = NewDisposeScope();
        if (inverse is not null)
        {
            norm.AddRowsBackward(x, inverse, gradient, sum);
            inverse.Dispose();
            return;
        }

        sum.PlusInPlace(Pulled(gradient));
        tracked!.Dispose();
        result!.Dispose();
    }

    private Tensor Pulled(Tensor gradient)
    {
        using var fused = OperationRecorder.OneLaunch("rms_norm_backward");
        return Gradients.Of(result!, [tracked!], gradient)[0];
    }
}
