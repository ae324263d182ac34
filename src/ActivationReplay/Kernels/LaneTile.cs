using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ActivationReplay.Kernels;

/// <summary>
/// The tiles of a <see cref="ThinProduct"/> of several rows with AVX-512: eight rows of W with 16 or 32 rows of X, which lie turned, a
/// register holding one number of 16 of them. Each element is summed as in the narrower tiles, eight partial sums that are added in
/// pairs: number i belongs to partial sum i mod 8, so one partial sum of the whole tile is computed after the other.
/// </summary>
internal static unsafe class LaneTile
{
    /// <summary>The rows of W of a tile.</summary>
    public const int Columns = 8;

    private const int Lanes = 8; // partial sums of an element
    private const int Vector = 16;
    private const int MostRows = 2 * Vector;
    private const int SumsOfLane = Columns * MostRows;

    // The numbers of a row of W that are read once for all partial sums: eight such pieces fit in half of an L1 cache.
    private const int Piece = 512;

    /// <summary>Whether the processor has these tiles, for rows of so many numbers, and narrower ones sum alike.</summary>
    public static bool Takes(int width) => Avx512F.IsSupported && Vector<float>.Count == Lanes && width % Lanes == 0;

    /// <summary>The room that X needs to lie turned.</summary>
    /// <param name="rows">The number of its rows.</param>
    /// <param name="width">Their width.</param>
    public static long Room(int rows, int width) => Padded(rows) * width;

    /// <summary>Turns X for <see cref="Write"/>: parts of up to 32 rows, each [width, 16 or 32].</summary>
    /// <param name="x">X, [rows, width].</param>
    /// <param name="rows">The number of its rows.</param>
    /// <param name="width">Their width, a multiple of 8.</param>
    /// <param name="turned">Receives it.</param>
    public static void Turn(float* x, int rows, int width, float* turned)
    {
        float** from = stackalloc float*[Lanes];
        for (var first = 0; first < rows; first += MostRows)
        {
            float* part = turned + ((long)first * width);
            var padded = (int)Padded(Math.Min(MostRows, rows - first));
            for (var row = 0; row < padded; row += Lanes)
            {
                for (var i = 0; i < Lanes; i++)
                {
                    // Beyond the last row it lies there again, and is not written.
                    from[i] = x + ((long)Math.Min(first + row + i, rows - 1) * width);
                }

                for (var k = 0; k < width; k += Lanes)
                {
                    Square.Load(from, k).Turned().Store(part + ((long)k * padded) + row, padded);
                }
            }
        }
    }

    /// <summary>Multiplies up to eight rows of W with those of X.</summary>
    /// <param name="w">The rows of W, [count, width].</param>
    /// <param name="count">How many rows of W there are, 1 to 8.</param>
    /// <param name="turned">X of <see cref="Turn"/>.</param>
    /// <param name="rows">The number of its rows.</param>
    /// <param name="width">The width of both.</param>
    /// <param name="b">b, [count], or null.</param>
    /// <param name="y">Receives X Wᵀ + b, [rows, count], its rows <paramref name="stride"/> apart.</param>
    /// <param name="stride">See there.</param>
    /// <param name="adds">Whether it is added to y instead of replacing it.</param>
    public static void Write(float* w, int count, float* turned, int rows, int width, float* b, float* y, long stride, bool adds)
    {
        var sums = stackalloc float[Lanes * SumsOfLane];
        for (var first = 0; first < rows; first += MostRows)
        {
            var part = Math.Min(MostRows, rows - first);
            var padded = (int)Padded(part);
            for (var start = 0; start < width; start += Piece)
            {
                var terms = Math.Min(Piece, width - start);
                float* x = turned + ((long)first * width) + ((long)start * padded);
                if (padded == MostRows)
                {
                    Two(w + start, count, width, x, terms, sums, goesOn: start > 0);
                }
                else
                {
                    One(w + start, count, width, x, terms, sums, goesOn: start > 0);
                }
            }

            Add(sums, padded);
            Put(sums, part, count, b, y + (first * stride), stride, adds);
        }
    }

    private static long Padded(int rows) => (rows + Vector - 1) / Vector * Vector;

    // Rows of W beyond the last are the last again.
    private static void Rows(float* w, int count, long width, float** rows)
    {
        for (var i = 0; i < Columns; i++)
        {
            rows[i] = w + (Math.Min(i, count - 1) * width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two(float* w, int count, int width, float* x, int terms, float* sums, bool goesOn)
    {
        float** rows = stackalloc float*[Columns];
        Rows(w, count, width, rows);
        float* w0 = rows[0], w1 = rows[1], w2 = rows[2], w3 = rows[3], w4 = rows[4], w5 = rows[5], w6 = rows[6], w7 = rows[7];
        for (var lane = 0; lane < Lanes; lane++, sums += SumsOfLane)
        {
            Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
            Vector512<float> e0 = default, e1 = default, f0 = default, f1 = default, g0 = default, g1 = default, h0 = default, h1 = default;
            if (goesOn)
            {
                (a0, a1, b0, b1) = (Sum(sums, 0), Sum(sums, 1), Sum(sums, 2), Sum(sums, 3));
                (c0, c1, d0, d1) = (Sum(sums, 4), Sum(sums, 5), Sum(sums, 6), Sum(sums, 7));
                (e0, e1, f0, f1) = (Sum(sums, 8), Sum(sums, 9), Sum(sums, 10), Sum(sums, 11));
                (g0, g1, h0, h1) = (Sum(sums, 12), Sum(sums, 13), Sum(sums, 14), Sum(sums, 15));
            }

            float* from = x + (lane * MostRows);
            for (long i = lane; i < terms; i += Lanes, from += Lanes * MostRows)
            {
                var (x0, x1) = (Vector512.Load(from), Vector512.Load(from + Vector));
                var v = Vector512.Create(w0[i]);
                (a0, a1) = (Vector512.FusedMultiplyAdd(v, x0, a0), Vector512.FusedMultiplyAdd(v, x1, a1));
                v = Vector512.Create(w1[i]);
                (b0, b1) = (Vector512.FusedMultiplyAdd(v, x0, b0), Vector512.FusedMultiplyAdd(v, x1, b1));
                v = Vector512.Create(w2[i]);
                (c0, c1) = (Vector512.FusedMultiplyAdd(v, x0, c0), Vector512.FusedMultiplyAdd(v, x1, c1));
                v = Vector512.Create(w3[i]);
                (d0, d1) = (Vector512.FusedMultiplyAdd(v, x0, d0), Vector512.FusedMultiplyAdd(v, x1, d1));
                v = Vector512.Create(w4[i]);
                (e0, e1) = (Vector512.FusedMultiplyAdd(v, x0, e0), Vector512.FusedMultiplyAdd(v, x1, e1));
                v = Vector512.Create(w5[i]);
                (f0, f1) = (Vector512.FusedMultiplyAdd(v, x0, f0), Vector512.FusedMultiplyAdd(v, x1, f1));
                v = Vector512.Create(w6[i]);
                (g0, g1) = (Vector512.FusedMultiplyAdd(v, x0, g0), Vector512.FusedMultiplyAdd(v, x1, g1));
                v = Vector512.Create(w7[i]);
                (h0, h1) = (Vector512.FusedMultiplyAdd(v, x0, h0), Vector512.FusedMultiplyAdd(v, x1, h1));
            }

            Store(a0, a1, b0, b1, sums, 0);
            Store(c0, c1, d0, d1, sums, 4);
            Store(e0, e1, f0, f1, sums, 8);
            Store(g0, g1, h0, h1, sums, 12);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(float* w, int count, int width, float* x, int terms, float* sums, bool goesOn)
    {
        float** rows = stackalloc float*[Columns];
        Rows(w, count, width, rows);
        float* w0 = rows[0], w1 = rows[1], w2 = rows[2], w3 = rows[3], w4 = rows[4], w5 = rows[5], w6 = rows[6], w7 = rows[7];
        for (var lane = 0; lane < Lanes; lane++, sums += SumsOfLane)
        {
            Vector512<float> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
            if (goesOn)
            {
                (a, b, c, d) = (Sum(sums, 0), Sum(sums, 1), Sum(sums, 2), Sum(sums, 3));
                (e, f, g, h) = (Sum(sums, 4), Sum(sums, 5), Sum(sums, 6), Sum(sums, 7));
            }

            float* from = x + (lane * Vector);
            for (long i = lane; i < terms; i += Lanes, from += Lanes * Vector)
            {
                var v = Vector512.Load(from);
                a = Vector512.FusedMultiplyAdd(Vector512.Create(w0[i]), v, a);
                b = Vector512.FusedMultiplyAdd(Vector512.Create(w1[i]), v, b);
                c = Vector512.FusedMultiplyAdd(Vector512.Create(w2[i]), v, c);
                d = Vector512.FusedMultiplyAdd(Vector512.Create(w3[i]), v, d);
                e = Vector512.FusedMultiplyAdd(Vector512.Create(w4[i]), v, e);
                f = Vector512.FusedMultiplyAdd(Vector512.Create(w5[i]), v, f);
                g = Vector512.FusedMultiplyAdd(Vector512.Create(w6[i]), v, g);
                h = Vector512.FusedMultiplyAdd(Vector512.Create(w7[i]), v, h);
            }

            Store(a, b, c, d, sums, 0);
            Store(e, f, g, h, sums, 4);
        }
    }

    private static Vector512<float> Sum(float* sums, int vector) => Vector512.Load(sums + (vector * Vector));

    private static void Store(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* sums, int vector)
    {
        a.Store(sums + (vector * Vector));
        b.Store(sums + ((vector + 1) * Vector));
        c.Store(sums + ((vector + 2) * Vector));
        d.Store(sums + ((vector + 3) * Vector));
    }

    // The partial sums of each element as ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)), [8, padded], in place of the first.
    private static void Add(float* sums, int padded)
    {
        for (var i = 0; i < Columns * padded; i += Vector)
        {
            float* s = sums + i;
            var low = (Vector512.Load(s) + Vector512.Load(s + SumsOfLane)) + (Vector512.Load(s + (2 * SumsOfLane)) + Vector512.Load(s + (3 * SumsOfLane)));
            s += 4 * SumsOfLane;
            var high = (Vector512.Load(s) + Vector512.Load(s + SumsOfLane)) + (Vector512.Load(s + (2 * SumsOfLane)) + Vector512.Load(s + (3 * SumsOfLane)));
            (low + high).Store(sums + i);
        }
    }

    // Turns the sums back, [rows, count].
    private static void Put(float* sums, int rows, int count, float* b, float* y, long stride, bool adds)
    {
        float** from = stackalloc float*[Lanes];
        var padded = Padded(rows);
        var tile = stackalloc float[Lanes * Columns];
        for (var i = 0; i < Columns; i++)
        {
            from[i] = sums + (i * padded);
        }

        for (var row = 0; row < rows; row += Lanes)
        {
            Square.Load(from, row).Turned().Store(tile, Columns);
            for (var r = 0; r < Math.Min(Lanes, rows - row); r++)
            {
                float* sum = tile + (r * Columns), to = y + ((row + r) * stride);
                if (count == Columns)
                {
                    var eight = Vector256.Load(sum);
                    eight = b is null ? eight : eight + Vector256.Load(b);
                    (adds ? Vector256.Load(to) + eight : eight).Store(to);
                    continue;
                }

                for (var i = 0; i < count; i++)
                {
                    var one = b is null ? sum[i] : sum[i] + b[i];
                    to[i] = adds ? to[i] + one : one;
                }
            }
        }
    }

    /// <summary>Eight rows of eight numbers.</summary>
    private readonly struct Square(
        Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d,
        Vector256<float> e, Vector256<float> f, Vector256<float> g, Vector256<float> h)
    {
        private readonly Vector256<float> a = a, b = b, c = c, d = d, e = e, f = f, g = g, h = h;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Square Load(float** rows, int at) => new(
            Vector256.Load(rows[0] + at), Vector256.Load(rows[1] + at), Vector256.Load(rows[2] + at), Vector256.Load(rows[3] + at),
            Vector256.Load(rows[4] + at), Vector256.Load(rows[5] + at), Vector256.Load(rows[6] + at), Vector256.Load(rows[7] + at));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Store(float* to, long stride)
        {
            a.Store(to);
            b.Store(to + stride);
            c.Store(to + (2 * stride));
            d.Store(to + (3 * stride));
            e.Store(to + (4 * stride));
            f.Store(to + (5 * stride));
            g.Store(to + (6 * stride));
            h.Store(to + (7 * stride));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Square Turned()
        {
            var (ab, cd, ef, gh) = (Avx.UnpackLow(a, b), Avx.UnpackLow(c, d), Avx.UnpackLow(e, f), Avx.UnpackLow(g, h));
            var (p, q, r, s) = (Avx.UnpackHigh(a, b), Avx.UnpackHigh(c, d), Avx.UnpackHigh(e, f), Avx.UnpackHigh(g, h));
            const byte Low = 0b01_00_01_00, High = 0b11_10_11_10, First = 0x20, Second = 0x31;
            var (a0, a1, a2, a3) = (Avx.Shuffle(ab, cd, Low), Avx.Shuffle(ab, cd, High), Avx.Shuffle(p, q, Low), Avx.Shuffle(p, q, High));
            var (e0, e1, e2, e3) = (Avx.Shuffle(ef, gh, Low), Avx.Shuffle(ef, gh, High), Avx.Shuffle(r, s, Low), Avx.Shuffle(r, s, High));
            return new(
                Avx.Permute2x128(a0, e0, First), Avx.Permute2x128(a1, e1, First), Avx.Permute2x128(a2, e2, First), Avx.Permute2x128(a3, e3, First),
                Avx.Permute2x128(a0, e0, Second), Avx.Permute2x128(a1, e1, Second), Avx.Permute2x128(a2, e2, Second), Avx.Permute2x128(a3, e3, Second));
        }
    }
}
