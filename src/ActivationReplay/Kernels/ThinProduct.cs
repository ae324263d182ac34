using System.Numerics;
using System.Runtime.CompilerServices;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Kernels;

/// <summary>
/// Y = X Wᵀ + b for an X of few rows, on the CPU in fp32. W is streamed from memory once, split among the threads, and each of its
/// rows is multiplied with all of X while it is in the L1 cache. Every element of Y is summed in the same order however many
/// rows X has, and whichever tiles the processor has (<see cref="WideTile"/>, <see cref="LaneTile"/>).
/// </summary>
internal readonly unsafe struct ThinProduct
{
    /// <summary>The most rows of X for which this is faster than libtorch's product.</summary>
    public const long MostRows = 64;

    // Rows of W at a time (columns of Y): with two rows of X, their sums fill the vector registers.
    private const int TileColumns = 4;

    // The fewest rows for which tiles of four are faster than tiles of two.
    private const int LeastWideRows = 3;

    // The fewest for which it is faster to turn X.
    private const int LeastLaneRows = 9;

    // The fewest multiplications for which another thread pays.
    private const long LeastWork = 1 << 14;

    private readonly float* weight;
    private readonly float* bias;
    private readonly float* y;
    private readonly int width;
    private readonly int columns;
    private readonly long stride;
    private readonly bool adds;

    /// <param name="weight">W, [columns, width].</param>
    /// <param name="bias">b, [columns], or null.</param>
    /// <param name="y">Receives Y, [rows, columns].</param>
    /// <param name="adds">Whether X Wᵀ + b is added to y instead of replacing it.</param>
    public ThinProduct(Tensor weight, Tensor? bias, Tensor y, bool adds = false)
    {
        (columns, width) = ((int)weight.size(0), (int)weight.size(1));
        stride = columns;
        this.adds = adds;
        this.weight = weight.Floats();
        this.y = y.Floats();
        this.bias = bias is null ? null : bias.Floats();
    }

    /// <summary>A product without b, of matrices that are parts of tensors.</summary>
    /// <param name="weight">W, [count, width].</param>
    /// <param name="y">Receives Y, [rows, count].</param>
    /// <param name="width">The number of columns of X and W.</param>
    /// <param name="count">The number of rows of W, and of columns of Y.</param>
    /// <param name="stride">How far the rows of Y are apart.</param>
    public ThinProduct(float* weight, float* y, int width, int count, long stride)
    {
        this.stride = stride;
        this.weight = weight;
        this.y = y;
        this.width = width;
        columns = count;
    }

    /// <summary>The number of parts, of a few columns of Y each, that threads may compute independently.</summary>
    public int Parts => (columns + TileColumns - 1) / TileColumns;

    /// <summary>The columns of Y of parts <paramref name="first"/> to <paramref name="end"/> − 1.</summary>
    public (int First, int Count) ColumnsOf(int first, int end) =>
        (first * TileColumns, Math.Min(end * TileColumns, columns) - (first * TileColumns));

    /// <summary>Computes Y [..., columns] from X [..., width], W [columns, width] and b [columns], on all threads.</summary>
    /// <param name="x">X.</param>
    /// <param name="weight">W.</param>
    /// <param name="bias">b; null is none.</param>
    public static Tensor Of(Tensor x, Tensor weight, Tensor? bias)
    {
        using var contiguous = x.contiguous();
        var result = empty([.. x.shape[..^1], weight.shape[0]], ScalarType.Float32);
        var (product, input, rows) = (new ThinProduct(weight, bias, result), new HostRows(contiguous), (int)(x.numel() / weight.shape[1]));
        if (rows * weight.numel() < LeastWork)
        {
            product.Write(input.At(0), rows, 0, product.Parts);
        }
        else
        {
            ComputeThreads.Split(product.Parts, (first, end) => product.Write(input.At(0), rows, first, end));
        }

        return result;
    }

    /// <summary>Computes some parts of the columns on the calling thread.</summary>
    /// <param name="x">X, [rows, width].</param>
    /// <param name="rows">The number of rows of X and Y.</param>
    /// <param name="first">The first part.</param>
    /// <param name="end">The part after the last.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(float* x, int rows, int first, int end)
    {
        var (depth, last) = (width, Math.Min(end * TileColumns, columns));
        float* w = weight, result = y, b = bias;
        var sums = stackalloc float[2 * TileColumns];
        for (var column = WriteWide(x, rows, first * TileColumns, last); column < last; column += TileColumns)
        {
            // A tile of fewer columns computes the last of them again.
            var count = Math.Min(TileColumns, last - column);
            var w0 = w + ((long)column * depth);
            float* w1 = count > 1 ? w0 + depth : w0, w2 = count > 2 ? w1 + depth : w1, w3 = count > 3 ? w2 + depth : w2;
            for (var row = 0; row < rows; row += 2)
            {
                float* input = x + ((long)row * depth), to = result + (row * stride) + column;
                if (row + 1 < rows)
                {
                    Tile(w0, w1, w2, w3, input, input + depth, sums, depth);
                    Store(sums + TileColumns, to + stride, b, column, count);
                }
                else
                {
                    Tile(w0, w1, w2, w3, input, sums, depth);
                }

                Store(sums, to, b, column, count);
            }
        }
    }

    // As many columns as wide tiles take; returns the first of the others.
    private int WriteWide(float* x, int rows, int column, int last)
    {
        if (rows >= LeastLaneRows && LaneTile.Takes(width))
        {
            return WriteLanes(x, rows, column, last);
        }

        if (rows < LeastWideRows || !WideTile.Takes(width))
        {
            return column;
        }

        for (; column + WideTile.Columns <= last; column += WideTile.Columns)
        {
            for (var row = 0; row < rows; row += WideTile.Rows)
            {
                WideTile.Write(
                    weight + ((long)column * width),
                    x + ((long)row * width),
                    width,
                    Math.Min(WideTile.Rows, rows - row),
                    bias is null ? null : bias + column,
                    y + (row * stride) + column,
                    stride,
                    adds);
            }
        }

        return column;
    }

    private int WriteLanes(float* x, int rows, int column, int last)
    {
        using var turned = new HostBuffer(LaneTile.Room(rows, width));
        LaneTile.Turn(x, rows, width, turned.At(0));
        for (; column < last; column += LaneTile.Columns)
        {
            LaneTile.Write(
                weight + ((long)column * width),
                Math.Min(LaneTile.Columns, last - column),
                turned.At(0),
                rows,
                width,
                bias is null ? null : bias + column,
                y + column,
                stride,
                adds);
        }

        return last;
    }

    private void Store(float* sums, float* to, float* b, int column, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var sum = b is null ? sums[i] : sums[i] + b[column + i];
            to[i] = adds ? to[i] + sum : sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(float* w0, float* w1, float* w2, float* w3, float* x, float* sums, int width)
    {
        Vector<float> a = default, b = default, c = default, d = default;
        var i = 0;
        for (; i <= width - Vector<float>.Count; i += Vector<float>.Count)
        {
            var v = Vector.Load(x + i);
            a = Vector.FusedMultiplyAdd(Vector.Load(w0 + i), v, a);
            b = Vector.FusedMultiplyAdd(Vector.Load(w1 + i), v, b);
            c = Vector.FusedMultiplyAdd(Vector.Load(w2 + i), v, c);
            d = Vector.FusedMultiplyAdd(Vector.Load(w3 + i), v, d);
        }

        (sums[0], sums[1], sums[2], sums[3]) = (Vector.Sum(a), Vector.Sum(b), Vector.Sum(c), Vector.Sum(d));
        for (; i < width; i++)
        {
            sums[0] += w0[i] * x[i];
            sums[1] += w1[i] * x[i];
            sums[2] += w2[i] * x[i];
            sums[3] += w3[i] * x[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(float* w0, float* w1, float* w2, float* w3, float* x0, float* x1, float* sums, int width)
    {
        Vector<float> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        var i = 0;
        for (; i <= width - Vector<float>.Count; i += Vector<float>.Count)
        {
            var (v, u) = (Vector.Load(x0 + i), Vector.Load(x1 + i));
            var w = Vector.Load(w0 + i);
            a = Vector.FusedMultiplyAdd(w, v, a);
            e = Vector.FusedMultiplyAdd(w, u, e);
            w = Vector.Load(w1 + i);
            b = Vector.FusedMultiplyAdd(w, v, b);
            f = Vector.FusedMultiplyAdd(w, u, f);
            w = Vector.Load(w2 + i);
            c = Vector.FusedMultiplyAdd(w, v, c);
            g = Vector.FusedMultiplyAdd(w, u, g);
            w = Vector.Load(w3 + i);
            d = Vector.FusedMultiplyAdd(w, v, d);
            h = Vector.FusedMultiplyAdd(w, u, h);
        }

        (sums[0], sums[1], sums[2], sums[3]) = (Vector.Sum(a), Vector.Sum(b), Vector.Sum(c), Vector.Sum(d));
        (sums[4], sums[5], sums[6], sums[7]) = (Vector.Sum(e), Vector.Sum(f), Vector.Sum(g), Vector.Sum(h));
        for (; i < width; i++)
        {
            sums[0] += w0[i] * x0[i];
            sums[1] += w1[i] * x0[i];
            sums[2] += w2[i] * x0[i];
            sums[3] += w3[i] * x0[i];
            sums[4] += w0[i] * x1[i];
            sums[5] += w1[i] * x1[i];
            sums[6] += w2[i] * x1[i];
            sums[7] += w3[i] * x1[i];
        }
    }
}
