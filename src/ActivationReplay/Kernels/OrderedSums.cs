using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ActivationReplay.Kernels;

/// <summary>
/// Sums of fp32 numbers in an order that depends on their number alone. Those of <see cref="TensorPrimitives"/> align their loads
/// first, so that their order, and the last bits, change with the address of the array: two runs of one command would differ.
/// </summary>
internal static class OrderedSums
{
    private const int Lanes = 8;
    private const int Stride = 4 * Lanes;

    /// <summary>Σ xᵢ.</summary>
    public static float Sum(ReadOnlySpan<float> x)
    {
        ref var start = ref MemoryMarshal.GetReference(x);
        var (a, b, c, d) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        var i = 0;
        for (; i + Stride <= x.Length; i += Stride)
        {
            a += Vector256.LoadUnsafe(ref start, (nuint)i);
            b += Vector256.LoadUnsafe(ref start, (nuint)(i + Lanes));
            c += Vector256.LoadUnsafe(ref start, (nuint)(i + (2 * Lanes)));
            d += Vector256.LoadUnsafe(ref start, (nuint)(i + (3 * Lanes)));
        }

        for (; i + Lanes <= x.Length; i += Lanes)
        {
            a += Vector256.LoadUnsafe(ref start, (nuint)i);
        }

        var sum = Vector256.Sum((a + b) + (c + d));
        for (; i < x.Length; i++)
        {
            sum += x[i];
        }

        return sum;
    }

    /// <summary>Σ xᵢ².</summary>
    public static float SumOfSquares(ReadOnlySpan<float> x) => Dot(x, x);

    /// <summary>Σ xᵢ yᵢ of two spans of one length.</summary>
    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Length, x.Length);
        ref var first = ref MemoryMarshal.GetReference(x);
        ref var second = ref MemoryMarshal.GetReference(y);
        var (a, b, c, d) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        var i = 0;
        for (; i + Stride <= x.Length; i += Stride)
        {
            a = Added(ref first, ref second, i, a);
            b = Added(ref first, ref second, i + Lanes, b);
            c = Added(ref first, ref second, i + (2 * Lanes), c);
            d = Added(ref first, ref second, i + (3 * Lanes), d);
        }

        for (; i + Lanes <= x.Length; i += Lanes)
        {
            a = Added(ref first, ref second, i, a);
        }

        var sum = Vector256.Sum((a + b) + (c + d));
        for (; i < x.Length; i++)
        {
            sum = MathF.FusedMultiplyAdd(x[i], y[i], sum);
        }

        return sum;
    }

    private static Vector256<float> Added(ref float x, ref float y, int at, Vector256<float> sum) => Vector256.FusedMultiplyAdd(
        Vector256.LoadUnsafe(ref x, (nuint)at), Vector256.LoadUnsafe(ref y, (nuint)at), sum);
}
