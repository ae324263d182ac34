using System.Numerics;
using ActivationReplay.Native;

namespace ActivationReplay.Kernels;

/// <summary>
/// RMSNorm of the columns of [D, n] on the CPU in fp32, in two passes over memory forward and two backward. Its twin
/// <see cref="HostNorm"/> normalises one contiguous row; this one walks along rows, so that many columns are computed at once.
/// </summary>
internal static unsafe class ColumnNorm
{
    // The fewest columns for which another thread pays.
    private const int LeastColumns = 32;

    /// <summary>Computes the normalised columns w ⊙ x r, [D, n], and r = 1/√(mean(x²) + ε) of each, [1, n].</summary>
    /// <param name="x">The columns, [D, n].</param>
    /// <param name="weight">w, [D].</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="output">Receives the normalised columns.</param>
    /// <param name="inverse">Receives r.</param>
    public static void Forward(HostMatrix x, HostMatrix weight, double epsilon, HostMatrix output, HostMatrix inverse)
    {
        inverse.Clear();
        float* from = x.Data, to = output.Data, w = weight.Data, r = inverse.Data;
        Split(x, (depth, stride, first, end) =>
        {
            for (var d = 0; d < depth; d++)
            {
                AddSquares(from + (d * stride), r, first, end);
            }

            for (var i = first; i < end; i++)
            {
                r[i] = HostNorm.Inverse(r[i], depth, epsilon);
            }

            for (var d = 0; d < depth; d++)
            {
                Scale(from + (d * stride), w[d], r, to + (d * stride), first, end);
            }
        });
    }

    /// <summary>Adds the gradient with respect to x, r u − x r³ mean(u ⊙ x) with u = w ⊙ g, to <paramref name="sum"/>.</summary>
    /// <param name="x">The columns, [D, n].</param>
    /// <param name="weight">w, [D].</param>
    /// <param name="inverse">r from <see cref="Forward"/>, [1, n].</param>
    /// <param name="gradient">g, the gradient with respect to the output, [D, n].</param>
    /// <param name="sum">The sum to add to, [D, n].</param>
    /// <param name="shares">Room for n numbers, [1, n].</param>
    public static void AddBackward(HostMatrix x, HostMatrix weight, HostMatrix inverse, HostMatrix gradient, HostMatrix sum, HostMatrix shares)
    {
        shares.Clear();
        float* from = x.Data, g = gradient.Data, to = sum.Data, w = weight.Data, r = inverse.Data, share = shares.Data;
        Split(x, (depth, stride, first, end) =>
        {
            for (var d = 0; d < depth; d++)
            {
                AddProducts(g + (d * stride), from + (d * stride), w[d], share, first, end);
            }

            for (var i = first; i < end; i++)
            {
                share[i] *= -r[i] * r[i] * r[i] / depth;
            }

            for (var d = 0; d < depth; d++)
            {
                AddBoth(g + (d * stride), w[d], r, from + (d * stride), share, to + (d * stride), first, end);
            }
        });
    }

    // sums += x²
    private static void AddSquares(float* x, float* sums, int first, int end)
    {
        var i = first;
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
        {
            var v = Vector.Load(x + i);
            Vector.FusedMultiplyAdd(v, v, Vector.Load(sums + i)).Store(sums + i);
        }

        for (; i < end; i++)
        {
            sums[i] += x[i] * x[i];
        }
    }

    // y = x w r
    private static void Scale(float* x, float w, float* r, float* y, int first, int end)
    {
        var i = first;
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
        {
            (Vector.Load(x + i) * Vector.Load(r + i) * w).Store(y + i);
        }

        for (; i < end; i++)
        {
            y[i] = x[i] * r[i] * w;
        }
    }

    // sums += g w x
    private static void AddProducts(float* g, float* x, float w, float* sums, int first, int end)
    {
        var i = first;
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.FusedMultiplyAdd(Vector.Load(g + i) * w, Vector.Load(x + i), Vector.Load(sums + i)).Store(sums + i);
        }

        for (; i < end; i++)
        {
            sums[i] += g[i] * w * x[i];
        }
    }

    // y += g w r + x s
    private static void AddBoth(float* g, float w, float* r, float* x, float* s, float* y, int first, int end)
    {
        var i = first;
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
        {
            var sum = Vector.FusedMultiplyAdd(Vector.Load(g + i) * w, Vector.Load(r + i), Vector.Load(y + i));
            Vector.FusedMultiplyAdd(Vector.Load(x + i), Vector.Load(s + i), sum).Store(y + i);
        }

        for (; i < end; i++)
        {
            y[i] += (g[i] * w * r[i]) + (x[i] * s[i]);
        }
    }

    // Calls back, per thread, with D, n and the range of columns of that thread.
    private static void Split(HostMatrix x, Action<int, long, int, int> work)
    {
        var (depth, columns) = (x.Rows, x.Columns);
        var groups = Math.Max(1, columns / LeastColumns);
        ComputeThreads.Split(
            groups, (first, end) => work(depth, columns, (int)((long)columns * first / groups), (int)((long)columns * end / groups)));
    }
}
