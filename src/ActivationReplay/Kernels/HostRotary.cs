using System.Numerics;

namespace ActivationReplay.Kernels;

/// <summary>
/// The rotation of pairs on the processor in fp32: of each pair (a, b) the first becomes a cos − b sin, the second
/// b cos + a sin. Tables carry the signs of the sines, so that both are <see cref="Rotate"/>; with the signs exchanged it is
/// the derivative.
/// </summary>
internal static unsafe class HostRotary
{
    /// <summary>y = a ⊙ c + b ⊙ s.</summary>
    /// <param name="a">What is rotated, [count].</param>
    /// <param name="c">Cosines.</param>
    /// <param name="b">The others of the pairs.</param>
    /// <param name="s">Sines with the sign that this side of the pairs takes.</param>
    /// <param name="y">Takes the result; not one of the operands.</param>
    /// <param name="count">Elements of each.</param>
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
