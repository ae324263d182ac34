using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>One pass of a SwiGLU with frozen weights over columns, and its vector-Jacobian product.</summary>
internal sealed class FeedForwardPass
{
    private readonly FeedForward module;
    private readonly ColumnArithmetic arithmetic;
    private readonly Tensor gate; // [I, n]
    private readonly Tensor up; // [I, n]

    /// <param name="module">The module.</param>
    /// <param name="arithmetic">Who computes.</param>
    /// <param name="x">[D, n].</param>
    public FeedForwardPass(FeedForward module, ColumnArithmetic arithmetic, Tensor x)
    {
        using var scope = NewDisposeScope();
        (this.module, this.arithmetic) = (module, arithmetic);
        gate = module.Gate.Columns(x).DetachFromDisposeScope();
        up = module.Up.Columns(x).DetachFromDisposeScope();
        Output = module.Down.Columns(FeedForward.Gated(gate, up)).DetachFromDisposeScope();
    }

    /// <summary>[D, n].</summary>
    public Tensor Output { get; }

    /// <summary>The gradient [D, n] at x. Uses up what the pass holds.</summary>
    public Tensor Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var inner = module.Down.ColumnsBackward(gradient);
        var (atUp, atGate) = (gate, up);
        arithmetic.GatedBackward(gate, up, inner);
        var result = module.Up.ColumnsBackward(atUp);
        module.Gate.AddColumnsBackward(atGate, result);
        gate.Dispose();
        up.Dispose();
        return result.MoveToOuterDisposeScope();
    }
}
