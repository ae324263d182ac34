using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// Affine maps of the same input as one product: their weights lie in one matrix, of which each map's own is a part.
/// </summary>
internal sealed class JoinedLinear
{
    private readonly Tensor weight; // [Σ out, in]
    private readonly Tensor? bias; // [Σ out]
    private readonly Backend backend;

    /// <summary>Joins maps, which keep their numbers and let their own memory go.</summary>
    public JoinedLinear(params IReadOnlyList<Linear> maps)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        backend = maps[0].Backend;
        weight = cat([.. maps.Select(m => m.Weight)], 0).DetachFromDisposeScope();
        bias = maps[0].Bias is null ? null : cat([.. maps.Select(m => m.Bias!)], 0).DetachFromDisposeScope();
        var row = 0L;
        foreach (var map in maps)
        {
            var rows = map.Weight.shape[0];
            map.Share(weight.narrow(0, row, rows), bias?.narrow(0, row, rows));
            row += rows;
        }
    }

    /// <summary>The maps' outputs side by side, [..., Σ out].</summary>
    public Tensor Forward(Tensor x) => backend.Product(x, weight, bias);

    /// <summary>The outputs of the maps from row <paramref name="first"/> of the joined matrix on, [..., Σ out − first].</summary>
    public Tensor ForwardFrom(long first, Tensor x) => backend.Product(x, From(weight, first), bias is null ? null : From(bias, first));

    /// <summary>The gradient with respect to the input, [n, in], given that of the outputs as rows, [n, Σ out].</summary>
    public Tensor RowsBackward(Tensor gradient) => gradient.mm(weight);

    /// <summary>The same given the gradient of the outputs of <see cref="ForwardFrom"/>.</summary>
    public Tensor RowsBackwardFrom(long first, Tensor gradient) => gradient.mm(From(weight, first));

    private static Tensor From(Tensor all, long first) => all.narrow(0, first, all.shape[0] - first);
}
