using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>One pass of self-attention with frozen weights over columns, and its vector-Jacobian product.</summary>
internal sealed class AttentionPass
{
    private readonly Attention module;
    private readonly ColumnPositions positions;
    private readonly QueryPositions queryPositions;
    private readonly IAttentionCore core;

    /// <param name="module">The module.</param>
    /// <param name="arithmetic">Who computes.</param>
    /// <param name="x">[D, C·T].</param>
    /// <param name="positions">Of the columns.</param>
    /// <param name="prefix">Keys and values before them, [1, Hkv, P, d]; null where there are none.</param>
    /// <param name="queryPositions">The m positions of each variant that attend.</param>
    public AttentionPass(
        Attention module, ColumnArithmetic arithmetic, Tensor x, ColumnPositions positions,
        (Tensor Keys, Tensor Values)? prefix, QueryPositions queryPositions)
    {
        using var scope = NewDisposeScope();
        this.module = module;
        this.positions = positions;
        this.queryPositions = queryPositions;
        var q = module.Query.Columns(queryPositions.Of(x, positions.Variants));
        var (k, v) = (module.Key.Columns(x), module.Value.Columns(x));
        core = arithmetic.Attend(module, (q, k, v), positions, prefix, queryPositions);
        Output = module.Output.Columns(core.Output).DetachFromDisposeScope();
    }

    /// <summary>[D, C·m].</summary>
    public Tensor Output { get; }

    /// <summary>The gradient [D, C·T] at x. Uses up what the pass holds.</summary>
    public Tensor Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var (queries, keys, values) = core.Backward(module.Output.ColumnsBackward(gradient));
        var result = module.Key.ColumnsBackward(keys);
        module.Value.AddColumnsBackward(values, result);
        if (queryPositions.Index is null)
        {
            module.Query.AddColumnsBackward(queries, result);
        }
        else
        {
            queryPositions.Add(module.Query.ColumnsBackward(queries), result, positions.Variants);
        }

        return result.MoveToOuterDisposeScope();
    }
}
