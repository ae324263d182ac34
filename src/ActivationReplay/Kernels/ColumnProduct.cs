using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Kernels;

/// <summary>
/// Y = W X, or Wᵀ X, on the CPU in fp32; for an X of few columns with AVX-512, else by libtorch. Every element is a chain of fused additions over up to
/// <see cref="MostTerms"/> terms, in order, and the sum of such chains: so MKL sums, too, so that its products of more columns have the
/// same bits, but it takes several times as long for so few.
/// </summary>
internal static unsafe class ColumnProduct
{
    /// <summary>The most columns of X for which this is faster than libtorch's product.</summary>
    public const long MostColumns = 128;

    private const int MostTerms = 192;
    private const int Lanes = 16;
    private const int TileRows = 4;
    private const int TileVectors = 3; // of X: with four rows of W, enough sums to keep the processor busy

    /// <summary>Whether the processor has this product, for an X of so many columns.</summary>
    public static bool Takes(long columns) => Avx512F.IsSupported && columns is > 0 and <= MostColumns;

    /// <summary>Computes W X, or Wᵀ X, or adds it to what is there.</summary>
    /// <param name="weight">W, [m, k], or [k, m] if its transpose is taken.</param>
    /// <param name="isTransposed">Whether Wᵀ is taken.</param>
    /// <param name="x">X, [k, n].</param>
    /// <param name="result">Receives it, [m, n].</param>
    /// <param name="adds">Whether it is added to what <paramref name="result"/> holds.</param>
    public static void Write(HostMatrix weight, bool isTransposed, HostMatrix x, HostMatrix result, bool adds)
    {
        if (!Takes(x.Columns))
        {
            using var scope = NewDisposeScope();
            result.Tensor.addmm_(isTransposed ? weight.Tensor.t() : weight.Tensor, x.Tensor, adds ? 1 : 0, 1);
            return;
        }

        var (depth, columns, rows) = (x.Rows, x.Columns, result.Rows);
        var (rowStride, stride) = isTransposed ? (1L, (long)rows) : (depth, 1L);
        using var packed = new HostBuffer(Room(depth, columns));
        Pack(new HostPart(x.Data, columns, 1), depth, columns, packed.At(0));
        ComputeThreads.Split((rows + TileRows - 1) / TileRows, (first, end) => Write(
            new HostPart(weight.Data + (first * TileRows * rowStride), rowStride, stride),
            packed.At(0),
            depth,
            new HostPart(result.At(first * TileRows), columns, 1),
            Math.Min(end * TileRows, rows) - (first * TileRows),
            columns,
            adds));
    }

    /// <summary>The room that X needs when it is packed.</summary>
    public static long Room(int depth, int columns) => ((long)depth * Padded(columns)) + Lanes;

    /// <summary>Packs X: its rows become whole vectors, and after them is one more that a tile may read.</summary>
    /// <param name="x">X, [depth, columns].</param>
    /// <param name="depth">The number of its rows.</param>
    /// <param name="columns">The number of its columns.</param>
    /// <param name="packed">Receives it.</param>
    public static void Pack(HostPart x, int depth, int columns, float* packed)
    {
        var padded = Padded(columns);
        if (x.Stride == 1)
        {
            for (var row = 0; row < depth; row++)
            {
                new ReadOnlySpan<float>(x.First + (row * x.RowStride), columns).CopyTo(new Span<float>(packed + ((long)row * padded), columns));
            }
        }
        else
        {
            for (var column = 0; column < columns; column++)
            {
                for (var row = 0; row < depth; row++)
                {
                    packed[((long)row * padded) + column] = x.First[(row * x.RowStride) + (column * x.Stride)];
                }
            }
        }

        for (var row = 0; row < depth && padded > columns; row++)
        {
            new Span<float>(packed + ((long)row * padded) + columns, padded - columns).Clear();
        }

        new Span<float>(packed + ((long)depth * padded), Lanes).Clear();
    }

    /// <summary>Multiplies some rows of W with X on the calling thread.</summary>
    /// <param name="weight">The rows of W.</param>
    /// <param name="packed">X of <see cref="Pack"/>.</param>
    /// <param name="depth">The number of its rows.</param>
    /// <param name="result">Receives the product; the elements of its rows follow one another.</param>
    /// <param name="rows">The number of rows of W.</param>
    /// <param name="columns">The number of columns of X.</param>
    /// <param name="adds">Whether it is added to what is there.</param>
    public static void Write(HostPart weight, float* packed, int depth, HostPart result, int rows, int columns, bool adds)
    {
        var (rowStride, stride) = (weight.RowStride, weight.Stride);
        var w = weight.First;
        var padded = Padded(columns);
        var terms = depth >= 2 * MostTerms ? MostTerms : depth > MostTerms ? (depth + 1) / 2 : depth;
        var sums = stackalloc float[TileRows * TileVectors * Lanes];
        for (var row = 0; row < rows; row += TileRows)
        {
            // A tile of fewer rows computes the last of them again.
            float* w0 = w + (row * rowStride), last = w + ((rows - 1) * rowStride);
            float* w1 = w0 == last ? w0 : w0 + rowStride, w2 = w1 == last ? w1 : w1 + rowStride, w3 = w2 == last ? w2 : w2 + rowStride;
            for (var at = 0; at < columns; at += TileVectors * Lanes)
            {
                for (var start = 0; start < depth; start += terms)
                {
                    var from = packed + ((long)start * padded) + at;
                    var (count, term) = (Math.Min(terms, depth - start), start * stride);
                    if (columns - at > (TileVectors - 1) * Lanes)
                    {
                        Three(w0 + term, w1 + term, w2 + term, w3 + term, stride, from, padded, count, sums);
                    }
                    else
                    {
                        Two(w0 + term, w1 + term, w2 + term, w3 + term, stride, from, padded, count, sums);
                    }

                    for (var i = 0; i < Math.Min(TileRows, rows - row); i++)
                    {
                        var sum = new ReadOnlySpan<float>(sums + (i * TileVectors * Lanes), Math.Min(TileVectors * Lanes, columns - at));
                        var to = new Span<float>(result.First + ((row + i) * result.RowStride) + at, sum.Length);
                        if (adds || start > 0)
                        {
                            TensorPrimitives.Add(to, sum, to);
                        }
                        else
                        {
                            sum.CopyTo(to);
                        }
                    }
                }
            }
        }
    }

    private static int Padded(int columns) => (columns + Lanes - 1) / Lanes * Lanes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Three(float* w0, float* w1, float* w2, float* w3, long stride, float* x, int padded, int count, float* sums)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, b0 = default, b1 = default, b2 = default;
        Vector512<float> c0 = default, c1 = default, c2 = default, d0 = default, d1 = default, d2 = default;
        for (var i = 0L; i < count * stride; i += stride, x += padded)
        {
            var (x0, x1, x2) = (Vector512.Load(x), Vector512.Load(x + Lanes), Vector512.Load(x + (2 * Lanes)));
            var w = Vector512.Create(w0[i]);
            a0 = Vector512.FusedMultiplyAdd(w, x0, a0);
            a1 = Vector512.FusedMultiplyAdd(w, x1, a1);
            a2 = Vector512.FusedMultiplyAdd(w, x2, a2);
            w = Vector512.Create(w1[i]);
            b0 = Vector512.FusedMultiplyAdd(w, x0, b0);
            b1 = Vector512.FusedMultiplyAdd(w, x1, b1);
            b2 = Vector512.FusedMultiplyAdd(w, x2, b2);
            w = Vector512.Create(w2[i]);
            c0 = Vector512.FusedMultiplyAdd(w, x0, c0);
            c1 = Vector512.FusedMultiplyAdd(w, x1, c1);
            c2 = Vector512.FusedMultiplyAdd(w, x2, c2);
            w = Vector512.Create(w3[i]);
            d0 = Vector512.FusedMultiplyAdd(w, x0, d0);
            d1 = Vector512.FusedMultiplyAdd(w, x1, d1);
            d2 = Vector512.FusedMultiplyAdd(w, x2, d2);
        }

        Store(a0, a1, sums);
        Store(b0, b1, sums + (TileVectors * Lanes));
        Store(c0, c1, sums + (2 * TileVectors * Lanes));
        Store(d0, d1, sums + (3 * TileVectors * Lanes));
        a2.Store(sums + (2 * Lanes));
        b2.Store(sums + (5 * Lanes));
        c2.Store(sums + (8 * Lanes));
        d2.Store(sums + (11 * Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two(float* w0, float* w1, float* w2, float* w3, long stride, float* x, int padded, int count, float* sums)
    {
        Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        for (var i = 0L; i < count * stride; i += stride, x += padded)
        {
            var (x0, x1) = (Vector512.Load(x), Vector512.Load(x + Lanes));
            var w = Vector512.Create(w0[i]);
            (a0, a1) = (Vector512.FusedMultiplyAdd(w, x0, a0), Vector512.FusedMultiplyAdd(w, x1, a1));
            w = Vector512.Create(w1[i]);
            (b0, b1) = (Vector512.FusedMultiplyAdd(w, x0, b0), Vector512.FusedMultiplyAdd(w, x1, b1));
            w = Vector512.Create(w2[i]);
            (c0, c1) = (Vector512.FusedMultiplyAdd(w, x0, c0), Vector512.FusedMultiplyAdd(w, x1, c1));
            w = Vector512.Create(w3[i]);
            (d0, d1) = (Vector512.FusedMultiplyAdd(w, x0, d0), Vector512.FusedMultiplyAdd(w, x1, d1));
        }

        Store(a0, a1, sums);
        Store(b0, b1, sums + (TileVectors * Lanes));
        Store(c0, c1, sums + (2 * TileVectors * Lanes));
        Store(d0, d1, sums + (3 * TileVectors * Lanes));
    }

    private static void Store(Vector512<float> first, Vector512<float> second, float* sums)
    {
        first.Store(sums);
        second.Store(sums + Lanes);
    }
}
