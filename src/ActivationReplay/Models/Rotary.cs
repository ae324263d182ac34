using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// The table of a rotary position embedding. The sines of the first half are negated, as rotate_half does, so that
/// y = x ⊙ cos + roll(x, d/2) ⊙ sin.
/// </summary>
/// <param name="Cos">The cosines: [B, T, 1, d] for the decoder's heads, [N, d] for the vision tower's.</param>
/// <param name="Sin">The sines, of the same shape, the first half of them negated.</param>
internal sealed record Rotary(Tensor Cos, Tensor Sin)
{
    /// <summary>The table [..., d] for angles [..., d/2] in radians.</summary>
    public static Rotary FromAngles(Tensor angles, ScalarType type)
    {
        var cos = angles.cos();
        var sin = angles.sin();
        return new Rotary(cat([cos, cos], -1).to_type(type), cat([-sin, sin], -1).to_type(type));
    }

    /// <summary>Rotates the pairs (i, i + d/2) of the last axis of <paramref name="x"/> [..., d].</summary>
    public Tensor Rotate(Tensor x) => x.mul(Cos).addcmul_(x.roll(x.shape[^1] / 2, -1), Sin, Scalars.One);

    /// <summary>
    /// Rotates the pairs of the last axis of x [..., d], which may be a part of a larger tensor, in place.
    /// </summary>
    public Tensor RotateInPlace(Tensor x)
    {
        var half = x.shape[^1] / 2;
        var swapped = cat([x.narrow(-1, half, half), x.narrow(-1, 0, half)], -1);
        return x.mul_(Cos).addcmul_(swapped, Sin, Scalars.One);
    }

    /// <summary>The inverse rotation, which also is the transposed map, for gradients.</summary>
    public Rotary Inverse() => new(Cos, Sin.neg());

    /// <summary>The positions <paramref name="first"/>..<paramref name="last"/> (excluded) of a decoder's table.</summary>
    public Rotary Slice(long first, long last) => new(Cos.slice(1, first, last, 1), Sin.slice(1, first, last, 1));

    /// <summary>The positions at <paramref name="index"/> of a decoder's table.</summary>
    public Rotary At(Tensor index) => new(Cos.index_select(1, index), Sin.index_select(1, index));

    /// <summary>Moves both tensors to the outer dispose scope.</summary>
    public Rotary MoveToOuterDisposeScope()
    {
        Cos.MoveToOuterDisposeScope();
        Sin.MoveToOuterDisposeScope();
        return this;
    }
}
