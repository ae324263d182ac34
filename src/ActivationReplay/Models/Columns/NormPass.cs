using static TorchSharp.torch;

namespace ActivationReplay.Models.Columns;

/// <summary>One pass of an RMSNorm with frozen weights along an axis of x, and its vector-Jacobian product.</summary>
internal sealed class NormPass
{
    private readonly RmsNorm norm;
    private readonly Tensor x;
    private readonly Tensor inverse; // 1/√(mean(x²) + ε), fp32, length 1 along the axis
    private readonly Tensor weight; // broadcastable to x
    private readonly long axis;

    /// <param name="norm">The module.</param>
    /// <param name="x">Of two axes. Not owned, not changed until <see cref="AddBackward"/>.</param>
    /// <param name="axis">Which of them is D: 0 for columns, 1 for rows.</param>
    public NormPass(RmsNorm norm, Tensor x, long axis)
    {
        using var scope = NewDisposeScope();
        this.norm = norm;
        this.x = x;
        this.axis = axis;
        weight = (axis == 0 ? norm.Weight.unsqueeze(1) : norm.Weight.alias()).DetachFromDisposeScope();
        var wide = x.to_type(ScalarType.Float32);
        inverse = norm.Inverse(wide.square().sum(axis, keepdim: true)).DetachFromDisposeScope();
        Output = wide.mul(inverse).to_type(x.dtype).mul_(weight).DetachFromDisposeScope();
    }

    /// <summary>The normalised states, of x's shape and type.</summary>
    public Tensor Output { get; }

    /// <summary>
    /// Adds the gradient at x to <paramref name="sum"/>, fp32, of that at the output: with r the inverse and u = w ⊙ g,
    /// r u − x r³ mean(u ⊙ x). Uses up what the pass holds.
    /// </summary>
    public void AddBackward(Tensor gradient, Tensor sum)
    {
        using var scope = NewDisposeScope();
        var scaled = gradient.mul(weight).to_type(ScalarType.Float32);
        var wide = x.to_type(ScalarType.Float32);
        var share = scaled.mul(wide).sum(axis, keepdim: true).mul_(inverse.pow(3)).div_(norm.Weight.shape[0]);
        sum.addcmul_(scaled, inverse, 1).addcmul_(wide, share, -1);
        inverse.Dispose();
        weight.Dispose();
    }
}
