using ActivationReplay.Kernels;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>One pass of an RMSNorm with frozen weights along an axis of x, and its vector-Jacobian product.</summary>
internal sealed class NormPass
{
    private readonly RmsNorm norm;
    private readonly Tensor x;
    private readonly Tensor inverse; // 1/√(mean(x²) + ε), fp32, length 1 along the axis
    private readonly long axis;

    /// <param name="norm">The module.</param>
    /// <param name="x">Of two axes. Not owned, not changed until <see cref="AddBackward"/>.</param>
    /// <param name="axis">Which of them is D: 0 for columns, 1 for rows.</param>
    public NormPass(RmsNorm norm, Tensor x, long axis)
    {
        using var scope = NewDisposeScope();
        (this.norm, this.x, this.axis) = (norm, x, axis);
        if (IsHost)
        {
            (Output, inverse) = ColumnNorm.Forward(x, norm.Weight, norm.Epsilon);
        }
        else
        {
            var wide = x.to_type(ScalarType.Float32);
            inverse = norm.Inverse(wide.square().sum(axis, keepdim: true));
            Output = wide.mul(inverse).to_type(x.dtype).mul_(Weight);
        }

        inverse.DetachFromDisposeScope();
        Output.DetachFromDisposeScope();
    }

    /// <summary>The normalised states, of x's shape and type.</summary>
    public Tensor Output { get; }

    private bool IsHost => axis == 0 && HostMemory.Suits(x);

    // Broadcastable to x.
    private Tensor Weight => axis == 0 ? norm.Weight.unsqueeze(1) : norm.Weight;

    /// <summary>
    /// Adds the gradient at x to <paramref name="sum"/>, fp32, of that at the output: with r the inverse and u = w ⊙ g,
    /// r u − x r³ mean(u ⊙ x). Uses up the gradient and what the pass holds.
    /// </summary>
    public void AddBackward(Tensor gradient, Tensor sum)
    {
        using var scope = NewDisposeScope();
        if (IsHost)
        {
            ColumnNorm.AddBackward(x, norm.Weight, inverse, gradient, sum);
        }
        else
        {
            var scaled = gradient.mul(Weight).to_type(ScalarType.Float32);
            var wide = x.to_type(ScalarType.Float32);
            var share = scaled.mul(wide).sum(axis, keepdim: true).mul_(inverse.pow(3)).div_(norm.Weight.shape[0]);
            sum.addcmul_(scaled, inverse, 1).addcmul_(wide, share, -1);
        }

        inverse.Dispose();
    }
}
