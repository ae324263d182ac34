using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ActivationReplay.Native;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace ActivationReplay.Kernels;

/// <summary>
/// Y = W X, or Wᵀ X, for an X of few columns, on the CPU in fp32 with AVX-512. Every element is a chain of fused additions over up to
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

    /// <summary>W X, [m, n].</summary>
    /// <param name="weight">W, [m, k], or [k, m] if its transpose is taken.</param>
    /// <param name="isTransposed">Whether Wᵀ is taken.</param>
    /// <param name="x">X, [k, n], n at most <see cref="MostColumns"/>.</param>
    public static Tensor Of(Tensor weight, bool isTransposed, Tensor x)
    {
        var result = empty([weight.size(isTransposed ? 1 : 0), x.size(1)], ScalarType.Float32);
        Write(weight, isTransposed, x, result, adds: false);
        return result;
    }

    /// <summary>Adds it to <paramref name="sum"/>, [m, n].</summary>
    /// <inheritdoc cref="Of"/>
    public static void Add(Tensor weight, bool isTransposed, Tensor x, Tensor sum) => Write(weight, isTransposed, x, sum, adds: true);

    private static void Write(Tensor weight, bool isTransposed, Tensor x, Tensor result, bool adds)
    {
        var (depth, columns, rows) = ((int)x.size(0), (int)x.size(1), (int)result.size(0));
        float* w = weight.Floats(), y = result.Floats();
        var (rowStride, stride) = isTransposed ? (1L, (long)rows) : (depth, 1L);
        var padded = (columns + Lanes - 1) / Lanes * Lanes;
        var terms = depth >= 2 * MostTerms ? MostTerms : depth > MostTerms ? (depth + 1) / 2 : depth;
        using var packed = Packed(new HostRows(x, columns), depth, columns, padded);
        ComputeThreads.Split((rows + TileRows - 1) / TileRows, (first, end) =>
        {
            var sums = stackalloc float[TileRows * TileVectors * Lanes];
            for (var row = first * TileRows; row < Math.Min(end * TileRows, rows); row += TileRows)
            {
                // A tile of fewer rows computes the last of them again.
                float* w0 = w + (row * rowStride), last = w + ((rows - 1) * rowStride);
                float* w1 = w0 == last ? w0 : w0 + rowStride, w2 = w1 == last ? w1 : w1 + rowStride, w3 = w2 == last ? w2 : w2 + rowStride;
                for (var at = 0; at < columns; at += TileVectors * Lanes)
                {
                    for (var start = 0; start < depth; start += terms)
                    {
                        var from = packed.At(((long)start * padded) + at);
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
                            var to = new Span<float>(y + ((long)(row + i) * columns) + at, sum.Length);
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
        });
    }

    // X with rows of whole vectors, and one more that a tile may read.
    private static HostBuffer Packed(HostRows x, int depth, int columns, int padded)
    {
        var packed = new HostBuffer(((long)depth * padded) + Lanes);
        for (var row = 0; row < depth; row++)
        {
            x[row].CopyTo(packed.Span((long)row * padded, columns));
            packed.Span(((long)row * padded) + columns, padded - columns).Clear();
        }

        packed.Span((long)depth * padded, Lanes).Clear();
        return packed;
    }

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
