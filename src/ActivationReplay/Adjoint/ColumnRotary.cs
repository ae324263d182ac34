using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>A decoder's rotary table for heads held as columns, [H·d, C·T].</summary>
internal sealed class ColumnRotary
{
    /// <param name="table">The rotary table of T positions, [1, T, 1, d].</param>
    /// <param name="scale">A factor of the table, so that rotated heads are multiplied by it.</param>
    public ColumnRotary(Rotary table, double scale = 1)
    {
        Cos = Transposed(table.Cos, scale);
        var sin = Transposed(table.Sin, scale);
        var half = sin.shape[0] / 2;
        (OnFirst, OnSecond) = (sin.narrow(0, 0, half), sin.narrow(0, half, half));

        static Tensor Transposed(Tensor table, double scale) => table[0].permute(2, 1, 0).mul(Scalars.Of(scale)).contiguous();
    }

    /// <summary>The cosines, [d, 1, T].</summary>
    public Tensor Cos { get; }

    /// <summary>The factors with which the second half of a head is added to the first, minus the sines, [d/2, 1, T].</summary>
    public Tensor OnFirst { get; }

    /// <summary>The factors with which the first half is added to the second, the sines, [d/2, 1, T].</summary>
    public Tensor OnSecond { get; }

    /// <summary>T, the number of positions.</summary>
    public long Count => Cos.shape[2];
}
