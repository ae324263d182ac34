using static TorchSharp.torch;

namespace ActivationReplay.Models.Columns;

/// <summary>A decoder's rotary table for heads held as columns, [H, d, C, T].</summary>
internal sealed class ColumnRotary
{
    private readonly Tensor cos; // [d, 1, T]
    private readonly Tensor upper; // [d/2, 1, T], sines
    private readonly Tensor lower; // their negatives

    /// <param name="table">Of T positions, [1, T, 1, d].</param>
    /// <param name="scale">What rotated heads are multiplied by.</param>
    public ColumnRotary(Rotary table, double scale = 1)
    {
        cos = Transposed(table.Cos, scale);
        var sin = Transposed(table.Sin, scale);
        var half = sin.shape[0] / 2;
        (lower, upper) = (sin.narrow(0, 0, half), sin.narrow(0, half, half));

        static Tensor Transposed(Tensor table, double scale) => table[0].permute(2, 1, 0).mul(scale).contiguous();
    }

    /// <summary>T.</summary>
    public long Count => cos.shape[2];

    /// <summary>Rotates the pairs (i, i + d/2).</summary>
    public Tensor Rotate(Tensor x) => Turn(x, lower, upper);

    /// <summary>The transposed map, of gradients: rotates by the negative angles, and scales alike.</summary>
    public Tensor RotateBack(Tensor x) => Turn(x, upper, lower);

    private Tensor Turn(Tensor x, Tensor onFirst, Tensor onSecond)
    {
        var half = x.shape[1] / 2;
        var turned = x.mul(cos);
        turned.narrow(1, 0, half).addcmul_(x.narrow(1, half, half), onFirst, 1);
        turned.narrow(1, half, half).addcmul_(x.narrow(1, 0, half), onSecond, 1);
        return turned;
    }
}
