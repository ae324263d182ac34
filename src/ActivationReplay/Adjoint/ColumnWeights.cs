using ActivationReplay.Kernels;
using ActivationReplay.Models;

namespace ActivationReplay.Adjoint;

/// <summary>The frozen weights of a decoder layer, for states held as columns.</summary>
/// <param name="layer">The layer.</param>
internal sealed class ColumnWeights(DecoderLayer layer)
{
    public Attention Attention { get; } = layer.Attention;

    public ColumnNormWeight AttentionNorm { get; } = new(layer.AttentionNorm);

    public ColumnMap Query { get; } = new(layer.Attention.Query);

    public ColumnMap Key { get; } = new(layer.Attention.Key);

    public ColumnMap Value { get; } = new(layer.Attention.Value);

    public ColumnMap Output { get; } = new(layer.Attention.Output);

    public ColumnNormWeight FeedForwardNorm { get; } = new(layer.FeedForwardNorm);

    public ColumnMap Gate { get; } = new(layer.FeedForward.Gate);

    public ColumnMap Up { get; } = new(layer.FeedForward.Up);

    public ColumnMap Down { get; } = new(layer.FeedForward.Down);
}

/// <summary>The weight of an RMSNorm.</summary>
internal sealed class ColumnNormWeight(RmsNorm norm)
{
    /// <summary>w, [D].</summary>
    public HostMatrix Weight { get; } = new(norm.Weight);

    /// <summary>ε.</summary>
    public double Epsilon { get; } = norm.Epsilon;
}

/// <summary>An affine map W X + b of columns with frozen weights.</summary>
internal sealed class ColumnMap(Linear linear)
{
    private readonly HostMatrix weight = new(linear.Weight);
    private readonly HostMatrix? bias = linear.Bias is null ? null : new HostMatrix(linear.Bias);

    /// <summary>out.</summary>
    public int Outputs => weight.Rows;

    /// <summary>in.</summary>
    public int Inputs => weight.Columns;

    /// <summary>W X + b, [out, n], given X, [in, n].</summary>
    public void Forward(HostMatrix x, HostMatrix result)
    {
        ColumnProduct.Write(weight, isTransposed: false, x, result, adds: false);
        if (bias is not null)
        {
            ColumnRows.AddToRows(bias, result);
        }
    }

    /// <summary>The gradient with respect to the input, Wᵀ G, [in, n], given that of the output, [out, n].</summary>
    /// <param name="gradient">G.</param>
    /// <param name="result">Receives it.</param>
    /// <param name="adds">Whether it is added to what is there.</param>
    public void Backward(HostMatrix gradient, HostMatrix result, bool adds = false) =>
        ColumnProduct.Write(weight, isTransposed: true, gradient, result, adds);
}
