using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ActivationReplay.Kernels;

/// <summary>
/// The tiles of a <see cref="ThinProduct"/> of many rows with AVX-512: eight rows of W, interleaved so that a register holds eight
/// numbers of two of them, with four rows of X. Each element is summed in the order of the narrower tiles: eight partial sums, which
/// are added in pairs.
/// </summary>
internal static unsafe class WideTile
{
    /// <summary>The rows of W of a tile.</summary>
    public const int Columns = 8;

    /// <summary>The rows of X of a tile.</summary>
    public const int Rows = 4;

    private const int Lanes = 8; // partial sums of an element

    /// <summary>Whether the processor has these tiles, for rows of so many numbers.</summary>
    public static bool Takes(int width) => Avx512DQ.IsSupported && width % Lanes == 0;

    /// <summary>Interleaves eight rows of W.</summary>
    /// <param name="w">The rows, [8, width].</param>
    /// <param name="width">Their width.</param>
    /// <param name="packed">Receives them, [width / 8, 8, 8].</param>
    public static void Pack(float* w, int width, float* packed)
    {
        for (var i = 0; i < width; i += Lanes)
        {
            for (var row = 0; row < Columns; row++)
            {
                Vector256.Load(w + ((long)row * width) + i).Store(packed + ((long)i * Columns) + (row * Lanes));
            }
        }
    }

    /// <summary>Multiplies four rows of X, which may be the same, with the interleaved rows of W.</summary>
    /// <param name="packed">W, from <see cref="Pack"/>.</param>
    /// <param name="x0">The first row of X.</param>
    /// <param name="x1">The second.</param>
    /// <param name="x2">The third.</param>
    /// <param name="x3">The fourth.</param>
    /// <param name="width">The width of W and X.</param>
    /// <param name="sums">Receives the products, [4, 8].</param>
    public static void Multiply(float* packed, float* x0, float* x1, float* x2, float* x3, int width, float* sums)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;
        for (var i = 0; i < width; i += Lanes, packed += Columns * Lanes)
        {
            var (w0, w1) = (Vector512.Load(packed), Vector512.Load(packed + 16));
            var (w2, w3) = (Vector512.Load(packed + 32), Vector512.Load(packed + 48));
            var x = Avx512DQ.BroadcastVector256ToVector512(x0 + i);
            a0 = Vector512.FusedMultiplyAdd(w0, x, a0);
            a1 = Vector512.FusedMultiplyAdd(w1, x, a1);
            a2 = Vector512.FusedMultiplyAdd(w2, x, a2);
            a3 = Vector512.FusedMultiplyAdd(w3, x, a3);
            x = Avx512DQ.BroadcastVector256ToVector512(x1 + i);
            b0 = Vector512.FusedMultiplyAdd(w0, x, b0);
            b1 = Vector512.FusedMultiplyAdd(w1, x, b1);
            b2 = Vector512.FusedMultiplyAdd(w2, x, b2);
            b3 = Vector512.FusedMultiplyAdd(w3, x, b3);
            x = Avx512DQ.BroadcastVector256ToVector512(x2 + i);
            c0 = Vector512.FusedMultiplyAdd(w0, x, c0);
            c1 = Vector512.FusedMultiplyAdd(w1, x, c1);
            c2 = Vector512.FusedMultiplyAdd(w2, x, c2);
            c3 = Vector512.FusedMultiplyAdd(w3, x, c3);
            x = Avx512DQ.BroadcastVector256ToVector512(x3 + i);
            d0 = Vector512.FusedMultiplyAdd(w0, x, d0);
            d1 = Vector512.FusedMultiplyAdd(w1, x, d1);
            d2 = Vector512.FusedMultiplyAdd(w2, x, d2);
            d3 = Vector512.FusedMultiplyAdd(w3, x, d3);
        }

        Sum(a0, a1, a2, a3).Store(sums);
        Sum(b0, b1, b2, b3).Store(sums + Columns);
        Sum(c0, c1, c2, c3).Store(sums + (2 * Columns));
        Sum(d0, d1, d2, d3).Store(sums + (3 * Columns));
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
