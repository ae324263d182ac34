using ActivationReplay.Kernels;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>One pass of a SwiGLU with frozen weights over columns, and its vector-Jacobian product.</summary>
internal sealed class FeedForwardPass
{
    private readonly FeedForward module;
    private readonly Tensor gate; // [I, n]
    private readonly Tensor up; // [I, n]

    /// <param name="module">The module.</param>
    /// <param name="x">[D, n].</param>
    public FeedForwardPass(FeedForward module, Tensor x)
    {
        using var scope = NewDisposeScope();
        this.module = module;
        gate = module.Gate.Columns(x).DetachFromDisposeScope();
        up = module.Up.Columns(x).DetachFromDisposeScope();
        Output = module.Down.Columns(nn.functional.silu(gate).mul_(up)).DetachFromDisposeScope();
    }

    /// <summary>[D, n].</summary>
    public Tensor Output { get; }

    /// <summary>The gradient [D, n] at x. Uses up what the pass holds.</summary>
    public Tensor Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var inner = module.Down.ColumnsBackward(gradient);
        var (atUp, atGate) = (gate, up);
        if (HostMemory.Suits(inner))
        {
            HostSwiGlu.Backward(gate, up, inner);
        }
        else
        {
            // With σ of the gate z: dU = i ⊙ zσ, and since silu'(z) = σ + zσ(1 − σ), dZ = u ⊙ (dU + σ ⊙ (i − dU)).
            var sigmoid = gate.sigmoid();
            gate.mul_(sigmoid).mul_(inner);
            up.mul_(lerp(gate, inner, sigmoid));
        }

        var result = module.Up.ColumnsBackward(atUp);
        module.Gate.AddColumnsBackward(atGate, result);
        gate.Dispose();
        up.Dispose();
        return result.MoveToOuterDisposeScope();
    }
}
