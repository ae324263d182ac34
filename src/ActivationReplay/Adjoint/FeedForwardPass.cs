using ActivationReplay.Kernels;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>A forward pass of a SwiGLU with frozen weights over states held as columns, and its vector-Jacobian product.</summary>
internal sealed class FeedForwardPass : IModulePass
{
    private readonly FeedForward module;
    private readonly Tensor gate; // [I, n]
    private readonly Tensor up; // [I, n]

    /// <param name="module">The module whose frozen weights are used.</param>
    /// <param name="x">The normalised states, [D, n].</param>
    public FeedForwardPass(FeedForward module, Tensor x)
    {
        using var scope = NewDisposeScope();
        this.module = module;
        gate = module.Gate.Columns(x).DetachFromDisposeScope();
        up = module.Up.Columns(x).DetachFromDisposeScope();
        Output = module.Down.Columns(FeedForward.Gated(gate, up)).DetachFromDisposeScope();
    }

    /// <summary>The output, [D, n].</summary>
    public Tensor Output { get; }

    /// <summary>The gradient with respect to x, [D, n]. Frees the tensors of the forward pass, so call it once.</summary>
    /// <param name="gradient">The gradient with respect to the output, [D, n].</param>
    public Tensor Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var inner = module.Down.ColumnsBackward(gradient);
        var (atUp, atGate) = (gate, up);
        HostSwiGlu.Backward(gate, up, inner);
        var result = module.Up.ColumnsBackward(atUp);
        module.Gate.AddColumnsBackward(atGate, result);
        gate.Dispose();
        up.Dispose();
        return result.MoveToOuterDisposeScope();
    }
}
