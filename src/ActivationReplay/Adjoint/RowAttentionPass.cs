using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// A forward pass of self-attention with frozen weights over rows, and its vector-Jacobian product: projections and rotations of the
/// whole batch at once, between them a <see cref="RowCore"/> a group.
/// </summary>
internal sealed class RowAttentionPass
{
    private readonly Attention module;
    private readonly RowPositions positions;
    private readonly RowCore[] cores;

    /// <param name="module">The module whose frozen weights are used.</param>
    /// <param name="x">The normalised states, [n, D].</param>
    /// <param name="positions">The n positions, and the q that have a query.</param>
    /// <param name="prefixes">Rotated keys, and values, before each group, [2, 1 or C, Hkv, P, d]; null where P is 0.</param>
    public RowAttentionPass(Attention module, Tensor x, RowPositions positions, IReadOnlyList<Tensor?> prefixes)
    {
        using var scope = NewDisposeScope();
        (this.module, this.positions) = (module, positions);
        var projected = Project(x);
        Tensor attended; // [q, H·d]
        using (OperationRecorder.Part("attention"))
        {
            cores = [.. positions.Batch.Groups.Select((group, g) => new RowCore(module, projected, group, positions.Masks[g], prefixes[g]))];
            attended = Together(cores.Select(c => c.Output));
        }

        Output = module.Output.Forward(attended).DetachFromDisposeScope();
    }

    /// <summary>The attention's output after its last projection, [q, D].</summary>
    public Tensor Output { get; }

    /// <summary>The gradient with respect to x, [n, D]. Frees the tensors of the forward pass, so call it once.</summary>
    /// <param name="gradient">The gradient with respect to the output, [q, D].</param>
    public Tensor Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        return ProjectBackward(AtHeads(module.Output.RowsBackward(gradient))).MoveToOuterDisposeScope();
    }

    // The gradients at rotated queries, and at rotated keys and values: side by side in one tensor where all positions have a
    // query, [n, H + 2·Hkv, d], or [q, H, d] and [n, 2·Hkv, d].
    private Tensor[] AtHeads(Tensor gradient)
    {
        using var part = OperationRecorder.Part("attention");
        var of = cores.Select(core => core.Backward(gradient)).ToList();
        return positions.Batch.Index is null
            ? [Together(of.Select(g => cat([g.Queries, g.Keys, g.Values], 2).flatten(0, 1)))]
            : [Together(of.Select(g => g.Queries.flatten(0, 1))), Together(of.Select(g => cat([g.Keys, g.Values], 2).flatten(0, 1)))];
    }

    // The rotated queries [1, q, H, d], rotated keys and values [1, n, 2·Hkv, d].
    private (Tensor Queries, Tensor Others) Project(Tensor x)
    {
        var (heads, kvHeads, batch) = (module.Heads, module.KvHeads, positions.Batch);
        if (batch.Index is null)
        {
            var all = PerHead(module.Joined?.Forward(x) ?? cat([module.Query.Forward(x), module.Key.Forward(x), module.Value.Forward(x)], 1));
            batch.Keys.RotateInPlace(all.narrow(2, 0, heads + kvHeads));
            return (all.narrow(2, 0, heads), all.narrow(2, heads, 2 * kvHeads));
        }

        var queries = PerHead(module.Query.Forward(x.index_select(0, batch.Index)));
        var others = PerHead(module.Joined?.ForwardFrom(heads * module.HeadSize, x) ?? cat([module.Key.Forward(x), module.Value.Forward(x)], 1));
        batch.Queries.RotateInPlace(queries);
        batch.Keys.RotateInPlace(others.narrow(2, 0, kvHeads));
        return (queries, others);
    }

    private Tensor ProjectBackward(Tensor[] atHeads)
    {
        var (heads, kvHeads) = (module.Heads, module.KvHeads);
        if (positions.Batch.Index is not { } index)
        {
            var all = atHeads[0].unsqueeze(0);
            positions.KeysInverse.RotateInPlace(all.narrow(2, 0, heads + kvHeads));
            return module.Joined?.RowsBackward(Flat(all))
                ?? AddKeysAndValues(all.narrow(2, heads, 2 * kvHeads), module.Query.RowsBackward(Flat(all.narrow(2, 0, heads))));
        }

        var (queries, others) = (atHeads[0].unsqueeze(0), atHeads[1].unsqueeze(0));
        positions.KeysInverse.RotateInPlace(others.narrow(2, 0, kvHeads));
        var result = module.Joined?.RowsBackwardFrom(heads * module.HeadSize, Flat(others))
            ?? AddKeysAndValues(others, zeros([others.shape[1], module.Key.Weight.shape[1]], others.dtype, others.device));
        positions.QueriesInverse.RotateInPlace(queries);
        return result.index_add_(0, index, module.Query.RowsBackward(Flat(queries)), Scalars.One);
    }

    private Tensor AddKeysAndValues(Tensor others, Tensor sum)
    {
        module.Key.AddRowsBackward(Flat(others.narrow(2, 0, module.KvHeads)), sum);
        return module.Value.AddRowsBackward(Flat(others.narrow(2, module.KvHeads, module.KvHeads)), sum);
    }

    // [n, h·d] → [1, n, h, d], and back.
    private Tensor PerHead(Tensor rows) => rows.view(1, rows.shape[0], -1, module.HeadSize);

    private static Tensor Flat(Tensor heads) => heads.reshape(heads.shape[1], -1);

    // One group's is taken as it is.
    private static Tensor Together(IEnumerable<Tensor> groups) => groups.ToArray() is [var one] ? one : cat([.. groups], 0);
}
