using System.Numerics.Tensors;

namespace ActivationReplay.Kernels;

/// <summary>
/// RMSNorm of one row on the processor in fp32: y = w ⊙ x r with r = 1/√(mean(x²) + ε). Apart from its twin
/// <see cref="ColumnNorm"/>, which goes along columns and so computes many of them side by side.
/// </summary>
internal static class HostNorm
{
    /// <summary>r = 1/√(Σx²/D + ε) of a sum of squares.</summary>
    public static float Inverse(float squares, int width, double epsilon) => 1 / MathF.Sqrt((squares / width) + (float)epsilon);

    /// <summary>Writes y and gives r.</summary>
    /// <param name="x">[D].</param>
    /// <param name="weight">w, [D].</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="y">[D].</param>
    public static float Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, double epsilon, Span<float> y)
    {
        var inverse = Inverse(TensorPrimitives.SumOfSquares(x), x.Length, epsilon);
        TensorPrimitives.Multiply(x, inverse, y);
        TensorPrimitives.Multiply(y, weight, y);
        return inverse;
    }

    /// <summary>The gradient at y becomes that at x: with u = w ⊙ g, r u − x r³ mean(u ⊙ x).</summary>
    /// <param name="x">[D].</param>
    /// <param name="weight">w, [D].</param>
    /// <param name="inverse">r.</param>
    /// <param name="gradient">g, [D]; takes the result.</param>
    public static void Backward(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float inverse, Span<float> gradient)
    {
        TensorPrimitives.Multiply(gradient, weight, gradient);
        var share = TensorPrimitives.Dot(gradient, x) * inverse * inverse * inverse / x.Length;
        TensorPrimitives.Multiply(gradient, inverse, gradient);
        TensorPrimitives.MultiplyAdd(x, -share, gradient, gradient);
    }
}
