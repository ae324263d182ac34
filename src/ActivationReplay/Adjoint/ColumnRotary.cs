using ActivationReplay.Kernels;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>A decoder's rotary table for heads held as columns, [H·d, C·T].</summary>
internal sealed unsafe class ColumnRotary
{
    private readonly HostMatrix cos;
    private readonly HostMatrix sin;

    /// <param name="table">The rotary table of T positions, [1, T, 1, d].</param>
    /// <param name="scale">A factor of the table, so that rotated heads are multiplied by it.</param>
    public ColumnRotary(Rotary table, double scale = 1)
    {
        (cos, sin) = (Transposed(table.Cos, scale), Transposed(table.Sin, scale));

        static HostMatrix Transposed(Tensor table, double scale) => new(table[0].permute(2, 1, 0).mul(Scalars.Of(scale)).contiguous());
    }

    /// <summary>The cosines, [d, 1, T].</summary>
    public float* Cos => cos.Data;

    /// <summary>The factors with which the second half of a head is added to the first, minus the sines, [d/2, 1, T].</summary>
    public float* OnFirst => sin.Data;

    /// <summary>The factors with which the first half is added to the second, the sines, [d/2, 1, T].</summary>
    public float* OnSecond => sin.At(sin.Rows / 2);

    /// <summary>T, the number of positions.</summary>
    public int Count => cos.Columns;
}
