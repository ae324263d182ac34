using System.Numerics;
using System.Runtime.CompilerServices;

namespace ActivationReplay.Kernels;

/// <summary>Y += P V for a P of few rows, on the CPU in fp32. Every element is summed one row of V after the other.</summary>
internal static unsafe class WeightedSums
{
    private const int Lanes = 4; // vectors of a row of V at a time: with two rows of P, enough sums to keep the processor busy

    /// <summary>Adds to each of <paramref name="rows"/> rows of Y the rows of V, weighted.</summary>
    /// <param name="weights">P, [rows, count], its rows <paramref name="stride"/> apart.</param>
    /// <param name="stride">See there.</param>
    /// <param name="rows">The number of rows of P and Y.</param>
    /// <param name="values">V, [count, width].</param>
    /// <param name="count">The number of rows of V.</param>
    /// <param name="width">The number of columns of V and Y.</param>
    /// <param name="y">Y, [rows, width].</param>
    public static void Add(float* weights, long stride, int rows, float* values, int count, int width, float* y)
    {
        var row = 0;
        for (; row + 1 < rows; row += 2)
        {
            Two(weights + (row * stride), weights + ((row + 1) * stride), values, count, width, y + (row * width), y + ((row + 1) * width));
        }

        if (row < rows)
        {
            One(weights + (row * stride), values, count, width, y + (row * width), from: 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two(float* p, float* q, float* values, int count, int width, float* y, float* z)
    {
        var size = Vector<float>.Count;
        var at = 0;
        for (; at + (Lanes * size) <= width; at += Lanes * size)
        {
            float* v = values + at, s = y + at, t = z + at;
            var (a, b, c, d) = (Vector.Load(s), Vector.Load(s + size), Vector.Load(s + (2 * size)), Vector.Load(s + (3 * size)));
            var (e, f, g, h) = (Vector.Load(t), Vector.Load(t + size), Vector.Load(t + (2 * size)), Vector.Load(t + (3 * size)));
            for (var i = 0; i < count; i++, v += width)
            {
                var (first, second) = (new Vector<float>(p[i]), new Vector<float>(q[i]));
                var x = Vector.Load(v);
                (a, e) = ((x * first) + a, (x * second) + e);
                x = Vector.Load(v + size);
                (b, f) = ((x * first) + b, (x * second) + f);
                x = Vector.Load(v + (2 * size));
                (c, g) = ((x * first) + c, (x * second) + g);
                x = Vector.Load(v + (3 * size));
                (d, h) = ((x * first) + d, (x * second) + h);
            }

            a.Store(s);
            b.Store(s + size);
            c.Store(s + (2 * size));
            d.Store(s + (3 * size));
            e.Store(t);
            f.Store(t + size);
            g.Store(t + (2 * size));
            h.Store(t + (3 * size));
        }

        One(p, values, count, width, y, at);
        One(q, values, count, width, z, at);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(float* p, float* values, int count, int width, float* y, int from)
    {
        var size = Vector<float>.Count;
        var at = from;
        for (; at + (2 * size) <= width; at += 2 * size)
        {
            var v = values + at;
            var (a, b) = (Vector.Load(y + at), Vector.Load(y + at + size));
            for (var i = 0; i < count; i++, v += width)
            {
                var weight = new Vector<float>(p[i]);
                (a, b) = ((Vector.Load(v) * weight) + a, (Vector.Load(v + size) * weight) + b);
            }

            a.Store(y + at);
            b.Store(y + at + size);
        }

        for (; at < width; at++)
        {
            for (var i = 0; i < count; i++)
            {
                y[at] += values[((long)i * width) + at] * p[i];
            }
        }
    }
}
