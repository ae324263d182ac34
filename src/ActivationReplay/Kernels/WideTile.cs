using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ActivationReplay.Kernels;

/// <summary>
/// The tiles of a <see cref="ThinProduct"/> of several rows with AVX-512: eight rows of W, a register holding eight numbers of two of
/// them, with four rows of X. Each element is summed in the order of the narrower tiles: eight partial sums, which
/// are added in pairs.
/// </summary>
internal static unsafe class WideTile
{
    /// <summary>The rows of W of a tile.</summary>
    public const int Columns = 8;

    /// <summary>The rows of X of a tile.</summary>
    public const int Rows = 4;

    private const int Lanes = 8; // partial sums of an element

    /// <summary>Whether the processor has these tiles, for rows of so many numbers, and narrower ones sum alike.</summary>
    public static bool Takes(int width) => Avx512DQ.IsSupported && Vector<float>.Count == Lanes && width % Lanes == 0;

    /// <summary>Multiplies eight rows of W with up to four of X.</summary>
    /// <param name="w">The rows of W, [8, width].</param>
    /// <param name="x">Those of X, [rows, width].</param>
    /// <param name="width">Their width.</param>
    /// <param name="rows">How many rows of X there are, 1 to 4.</param>
    /// <param name="b">b, [8], or null.</param>
    /// <param name="y">Receives X Wᵀ + b, [rows, 8], its rows <paramref name="stride"/> apart.</param>
    /// <param name="stride">See there.</param>
    /// <param name="adds">Whether it is added to y instead of replacing it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(float* w, float* x, int width, int rows, float* b, float* y, long stride, bool adds)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;
        // Of fewer rows the last is computed again.
        float* x0 = x, x1 = rows > 1 ? x0 + width : x0, x2 = rows > 2 ? x1 + width : x1, x3 = rows > 3 ? x2 + width : x2;
        float* lower = w, upper = w + (4L * width);
        for (var i = 0; i < width; i += Lanes, lower += Lanes, upper += Lanes)
        {
            var (w0, w1) = (Two(lower, lower + width), Two(lower + (2L * width), lower + (3L * width)));
            var (w2, w3) = (Two(upper, upper + width), Two(upper + (2L * width), upper + (3L * width)));
            var v = Avx512DQ.BroadcastVector256ToVector512(x0 + i);
            a0 = Vector512.FusedMultiplyAdd(w0, v, a0);
            a1 = Vector512.FusedMultiplyAdd(w1, v, a1);
            a2 = Vector512.FusedMultiplyAdd(w2, v, a2);
            a3 = Vector512.FusedMultiplyAdd(w3, v, a3);
            v = Avx512DQ.BroadcastVector256ToVector512(x1 + i);
            b0 = Vector512.FusedMultiplyAdd(w0, v, b0);
            b1 = Vector512.FusedMultiplyAdd(w1, v, b1);
            b2 = Vector512.FusedMultiplyAdd(w2, v, b2);
            b3 = Vector512.FusedMultiplyAdd(w3, v, b3);
            v = Avx512DQ.BroadcastVector256ToVector512(x2 + i);
            c0 = Vector512.FusedMultiplyAdd(w0, v, c0);
            c1 = Vector512.FusedMultiplyAdd(w1, v, c1);
            c2 = Vector512.FusedMultiplyAdd(w2, v, c2);
            c3 = Vector512.FusedMultiplyAdd(w3, v, c3);
            v = Avx512DQ.BroadcastVector256ToVector512(x3 + i);
            d0 = Vector512.FusedMultiplyAdd(w0, v, d0);
            d1 = Vector512.FusedMultiplyAdd(w1, v, d1);
            d2 = Vector512.FusedMultiplyAdd(w2, v, d2);
            d3 = Vector512.FusedMultiplyAdd(w3, v, d3);
        }

        Put(Sum(a0, a1, a2, a3), b, y, adds);
        if (rows > 1)
        {
            Put(Sum(b0, b1, b2, b3), b, y + stride, adds);
        }

        if (rows > 2)
        {
            Put(Sum(c0, c1, c2, c3), b, y + (2 * stride), adds);
        }

        if (rows > 3)
        {
            Put(Sum(d0, d1, d2, d3), b, y + (3 * stride), adds);
        }
    }

    // Eight numbers of each of two rows.
    private static Vector512<float> Two(float* first, float* second) => Vector512.Create(Vector256.Load(first), Vector256.Load(second));

    private static void Put(Vector256<float> sums, float* b, float* y, bool adds)
    {
        sums = b is null ? sums : sums + Vector256.Load(b);
        (adds ? Vector256.Load(y) + sums : sums).Store(y);
    }

    // The sums of the eight halves of the four registers, in order, each as ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)).
    private static Vector256<float> Sum(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        const byte Even = 0b10_00_10_00, Odd = 0b11_01_11_01;
        var ab = Avx512F.Shuffle(a, b, Even) + Avx512F.Shuffle(a, b, Odd);
        var cd = Avx512F.Shuffle(c, d, Even) + Avx512F.Shuffle(c, d, Odd);
        var quarters = Avx512F.Shuffle(ab, cd, Even) + Avx512F.Shuffle(ab, cd, Odd);
        var (lower, upper) = (quarters.GetLower(), quarters.GetUpper());
        var even = lower.GetLower() + lower.GetUpper(); // of the first half of each register
        var odd = upper.GetLower() + upper.GetUpper();
        return Vector256.Create(Sse.UnpackLow(even, odd), Sse.UnpackHigh(even, odd));
    }
}
