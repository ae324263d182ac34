using System.Numerics.Tensors;

namespace ActivationReplay.Kernels;

/// <summary>
/// RMSNorm of one contiguous row on the CPU in fp32: y = w ⊙ x r with r = 1/√(mean(x²) + ε). Its twin <see cref="ColumnNorm"/>
/// normalises columns, many at once.
/// </summary>
internal static class HostNorm
{
    /// <summary>r = 1/√(Σx²/D + ε), given the sum of squares Σx².</summary>
    public static float Inverse(float squares, int width, double epsilon) => 1 / MathF.Sqrt((squares / width) + (float)epsilon);

    /// <summary>Writes y and returns r.</summary>
    /// <param name="x">x, [D].</param>
    /// <param name="weight">w, [D].</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="y">Receives y, [D].</param>
    public static float Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, double epsilon, Span<float> y)
    {
        var inverse = Inverse(TensorPrimitives.SumOfSquares(x), x.Length, epsilon);
        TensorPrimitives.Multiply(x, inverse, y);
        TensorPrimitives.Multiply(y, weight, y);
        return inverse;
    }

    /// <summary>
    /// Replaces the gradient g with respect to y by that with respect to x: r u − x r³ mean(u ⊙ x) with u = w ⊙ g.
    /// </summary>
    /// <param name="x">x, [D].</param>
    /// <param name="weight">w, [D].</param>
    /// <param name="inverse">r from <see cref="Forward"/>.</param>
    /// <param name="gradient">g, [D]; receives the result.</param>
    public static void Backward(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float inverse, Span<float> gradient)
    {
        TensorPrimitives.Multiply(gradient, weight, gradient);
        var share = TensorPrimitives.Dot(gradient, x) * inverse * inverse * inverse / x.Length;
        TensorPrimitives.Multiply(gradient, inverse, gradient);
        TensorPrimitives.MultiplyAdd(x, -share, gradient, gradient);
    }
}
