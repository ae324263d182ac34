using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// Cosines and sines of a rotary position embedding. The sines of the first half carry the minus of
/// rotate_half, so that y = x ⊙ cos + roll(x, D/2) ⊙ sin.
/// </summary>
/// <param name="Cos">Broadcastable to what it rotates: [B, T, 1, D] for the decoder's heads, [N, D] for the tower's.</param>
/// <param name="Sin">As <paramref name="Cos"/>, first half negated.</param>
internal sealed record Rotary(Tensor Cos, Tensor Sin)
{
    /// <summary>The table for angles [..., D/2] in radians.</summary>
    public static Rotary FromAngles(Tensor angles, ScalarType type)
    {
        var cos = angles.cos();
        var sin = angles.sin();
        return new Rotary(cat([cos, cos], -1).to_type(type), cat([-sin, sin], -1).to_type(type));
    }

    /// <summary>Rotates the pairs (i, i + D/2) of <paramref name="x"/> [..., D].</summary>
    public Tensor Rotate(Tensor x) => Rotate(x, Cos, Sin, -1);

    /// <summary>Rotates pairs along any axis of x, by tables whose sines carry their signs.</summary>
    public static Tensor Rotate(Tensor x, Tensor cos, Tensor sin, int axis) =>
        x.mul(cos).addcmul_(x.roll(x.shape[axis < 0 ? x.dim() + axis : axis] / 2, axis), sin, Scalars.One);

    /// <summary>The positions <paramref name="first"/>..<paramref name="last"/> (excluded) of a decoder's table.</summary>
    public Rotary Slice(long first, long last) => new(Cos.slice(1, first, last, 1), Sin.slice(1, first, last, 1));

    /// <summary>The positions at <paramref name="index"/> of a decoder's table.</summary>
    public Rotary At(Tensor index) => new(Cos.index_select(1, index), Sin.index_select(1, index));

    /// <summary>Both tensors leave the current scope for the one around it.</summary>
    public Rotary MoveToOuterDisposeScope()
    {
        Cos.MoveToOuterDisposeScope();
        Sin.MoveToOuterDisposeScope();
        return this;
    }
}
