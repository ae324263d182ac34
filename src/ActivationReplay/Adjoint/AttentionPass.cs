using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// A forward pass of self-attention with frozen weights over states held as columns, and its vector-Jacobian product.
/// </summary>
internal sealed class AttentionPass : IModulePass
{
    private readonly Attention module;
    private readonly ColumnPositions positions;
    private readonly QueryPositions queryPositions;
    private readonly BlockedCore core;

    /// <param name="module">The module whose frozen weights are used.</param>
    /// <param name="x">The normalised states, [D, C·T].</param>
    /// <param name="positions">The positions of the columns: T of each of C variants.</param>
    /// <param name="prefix">Keys and values of the P positions before the columns, [1, Hkv, P, d]; null where P is 0.</param>
    /// <param name="queryPositions">The m positions of each variant that have a query and an output.</param>
    public AttentionPass(
        Attention module, Tensor x, ColumnPositions positions,
        (Tensor Keys, Tensor Values)? prefix, QueryPositions queryPositions)
    {
        using var scope = NewDisposeScope();
        this.module = module;
        this.positions = positions;
        this.queryPositions = queryPositions;
        var q = module.Query.Columns(queryPositions.Of(x, positions.Variants));
        var (k, v) = (module.Key.Columns(x), module.Value.Columns(x));
        using (OperationRecorder.Part("attention"))
        {
            core = new BlockedCore(module, (q, k, v), positions, prefix, queryPositions);
        }

        Output = module.Output.Columns(core.Output).DetachFromDisposeScope();
    }

    /// <summary>The attention's output after its last projection, [D, C·m].</summary>
    public Tensor Output { get; }

    /// <summary>The gradient with respect to x, [D, C·T]. Frees the tensors of the forward pass, so call it once.</summary>
    /// <param name="gradient">The gradient with respect to the output, [D, C·m].</param>
    public Tensor Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var (queries, keys, values) = Pulled(module.Output.ColumnsBackward(gradient));
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

    private (Tensor Queries, Tensor Keys, Tensor Values) Pulled(Tensor gradient)
    {
        using var part = OperationRecorder.Part("attention");
        return core.Backward(gradient);
    }
}
