using ActivationReplay.Kernels;
using ActivationReplay.Native;

namespace ActivationReplay.Adjoint;

/// <summary>
/// A forward pass of an RMSNorm with frozen weights over states held as columns, and its vector-Jacobian product. Its twin over rows is
/// <see cref="RowNormPass"/>.
/// </summary>
internal sealed class NormPass
{
    private readonly ColumnNormWeight norm;
    private readonly HostMatrices room;
    private readonly HostMatrix x;
    private readonly LentMatrix inverse; // 1/√(mean(x²) + ε), [1, n]

    /// <param name="norm">The frozen weights.</param>
    /// <param name="x">The states, [D, n]. Not owned; they must not change before <see cref="AddBackward"/>.</param>
    /// <param name="output">Receives the normalised states, [D, n].</param>
    /// <param name="room">Lends memory.</param>
    public NormPass(ColumnNormWeight norm, HostMatrix x, HostMatrix output, HostMatrices room)
    {
        using var part = OperationRecorder.Part("norm");
        (this.norm, this.room, this.x, inverse) = (norm, room, x, room.Of(1, x.Columns));
        ColumnNorm.Forward(x, norm.Weight, norm.Epsilon, output, inverse);
    }

    /// <summary>Adds the gradient with respect to x to <paramref name="sum"/>. Gives back the memory of the forward pass, so call it once.</summary>
    /// <param name="gradient">The gradient with respect to the output, [D, n].</param>
    /// <param name="sum">The sum to add to, [D, n].</param>
    public void AddBackward(HostMatrix gradient, HostMatrix sum)
    {
        using var part = OperationRecorder.Part("norm");
        using var shares = room.Of(1, x.Columns);
        ColumnNorm.AddBackward(x, norm.Weight, inverse, gradient, sum, shares);
        inverse.Dispose();
    }
}
