using System.Numerics;

namespace ActivationReplay.Kernels;

/// <summary>
/// Rotary position embedding on the CPU in fp32: of each pair (a, b) the first becomes a cos − b sin, the second b cos + a sin.
/// The tables hold the sines with these signs, so that <see cref="Rotate"/> computes both; with the signs exchanged it computes
/// the gradient.
/// </summary>
internal static unsafe class HostRotary
{
    /// <summary>y = a ⊙ c + b ⊙ s.</summary>
    /// <param name="a">The half that is rotated, [count].</param>
    /// <param name="c">The cosines, [count].</param>
    /// <param name="b">The other half of the pairs, [count].</param>
    /// <param name="s">The sines with the sign of this half, [count].</param>
    /// <param name="y">Receives the result, [count]; it must not overlap an operand.</param>
    /// <param name="count">The number of elements of each.</param>
    public static void Rotate(float* a, float* c, float* b, float* s, float* y, int count)
    {
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.FusedMultiplyAdd(Vector.Load(b + i), Vector.Load(s + i), Vector.Load(a + i) * Vector.Load(c + i)).Store(y + i);
        }

        for (; i < count; i++)
        {
            y[i] = (a[i] * c[i]) + (b[i] * s[i]);
        }
    }
}
