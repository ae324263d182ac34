using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>A forward pass of a SwiGLU with frozen weights over rows, and its vector-Jacobian product.</summary>
internal sealed class RowFeedForwardPass
{
    private readonly FeedForward module;
    private readonly Tensor gate; // [n, I]
    private readonly Tensor up; // [n, I]

    /// <param name="module">The module whose frozen weights are used.</param>
    /// <param name="x">The normalised states, [n, D].</param>
    public RowFeedForwardPass(FeedForward module, Tensor x)
    {
        using var scope = NewDisposeScope();
        this.module = module;
        (gate, up) = module.Halves(x);
        Output = module.Down.Forward(FeedForward.Gated(gate, up));
        foreach (var held in new[] { gate, up, Output })
        {
            held.DetachFromDisposeScope();
        }
    }

    /// <summary>The output, [n, D].</summary>
    public Tensor Output { get; }

    /// <summary>The gradient with respect to x, [n, D]. Frees the tensors of the forward pass, so call it once.</summary>
    /// <param name="gradient">The gradient with respect to the output, [n, D].</param>
    public Tensor Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var (atGate, atUp) = FeedForward.GatedBackward(gate, up, module.Down.RowsBackward(gradient));
        var result = module.Gate.AddRowsBackward(atGate, module.Up.RowsBackward(atUp));
        gate.Dispose();
        up.Dispose();
        return result.MoveToOuterDisposeScope();
    }
}
