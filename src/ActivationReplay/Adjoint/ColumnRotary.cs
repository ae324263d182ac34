using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>A decoder's rotary table for heads held as columns, [H·d, C·T].</summary>
internal sealed class ColumnRotary
{
    private readonly Tensor sin; // [d, 1, T]

    /// <param name="table">Of T positions, [1, T, 1, d].</param>
    /// <param name="scale">What rotated heads are multiplied by.</param>
    public ColumnRotary(Rotary table, double scale = 1)
    {
        Cos = Transposed(table.Cos, scale);
        sin = Transposed(table.Sin, scale);
        var half = sin.shape[0] / 2;
        (OnFirst, OnSecond) = (sin.narrow(0, 0, half), sin.narrow(0, half, half));

        static Tensor Transposed(Tensor table, double scale) => table[0].permute(2, 1, 0).mul(Scalars.Of(scale)).contiguous();
    }

    /// <summary>[d, 1, T].</summary>
    public Tensor Cos { get; }

    /// <summary>What the second half of a head adds to the first, [d/2, 1, T]: minus the sines.</summary>
    public Tensor OnFirst { get; }

    /// <summary>What the first half adds to the second: the sines.</summary>
    public Tensor OnSecond { get; }

    /// <summary>T.</summary>
    public long Count => Cos.shape[2];

    /// <summary>Rotates the pairs (i, i + d/2) of heads [H, d, C, T].</summary>
    public Tensor Rotate(Tensor x) => Rotary.Rotate(x, Cos, sin, axis: 1);

    /// <summary>The transposed map, of gradients: rotates by the negative angles, and scales alike.</summary>
    public Tensor RotateBack(Tensor x) => Rotary.Rotate(x, Cos, sin.neg(), axis: 1);
}
