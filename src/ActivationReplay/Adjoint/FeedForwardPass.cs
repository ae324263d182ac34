using ActivationReplay.Kernels;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>A forward pass of a SwiGLU with frozen weights over states held as columns, and its vector-Jacobian product.</summary>
internal sealed class FeedForwardPass
{
    private readonly ColumnWeights weights;
    private readonly HostMatrices room;
    private readonly LentMatrix gate; // [I, n]
    private readonly LentMatrix up; // [I, n]

    /// <param name="weights">The layer's frozen weights.</param>
    /// <param name="x">The normalised states, [D, n].</param>
    /// <param name="output">Receives the output, [D, n].</param>
    /// <param name="room">Lends memory.</param>
    public FeedForwardPass(ColumnWeights weights, HostMatrix x, HostMatrix output, HostMatrices room)
    {
        (this.weights, this.room) = (weights, room);
        (gate, up) = (room.Of(weights.Gate.Outputs, x.Columns), room.Of(weights.Up.Outputs, x.Columns));
        weights.Gate.Forward(x, gate);
        weights.Up.Forward(x, up);
        using var gated = room.Of(gate.Rows, gate.Columns);
        gated.CopyFrom(gate);
        using (NewDisposeScope())
        {
            nn.functional.silu(gated.Tensor, inplace: true).mul_(up.Tensor);
        }

        weights.Down.Forward(gated, output);
    }

    /// <summary>
    /// Computes the gradient with respect to x, [D, n]. Gives back the memory of the forward pass, so call it once.
    /// </summary>
    /// <param name="gradient">The gradient with respect to the output, [D, n].</param>
    /// <param name="result">Receives it.</param>
    public void Backward(HostMatrix gradient, HostMatrix result)
    {
        using var inner = room.Of(gate.Rows, gate.Columns);
        weights.Down.Backward(gradient, inner);
        var (atUp, atGate) = (gate, up);
        HostSwiGlu.Backward(gate, up, inner);
        weights.Up.Backward(atUp, result);
        weights.Gate.Backward(atGate, result, adds: true);
        gate.Dispose();
        up.Dispose();
    }
}
