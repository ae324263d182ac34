using ActivationReplay.Kernels;
using ActivationReplay.Native;

namespace ActivationReplay.Adjoint;

/// <summary>
/// A forward pass of self-attention with frozen weights over states held as columns, and its vector-Jacobian product: projections of
/// the whole batch at once, between them a <see cref="BlockedCore"/> a group.
/// </summary>
internal sealed unsafe class AttentionPass
{
    private readonly ColumnWeights weights;
    private readonly ColumnPositions positions;
    private readonly HostMatrices room;
    private readonly BlockedCore[] cores;

    /// <param name="weights">The layer's frozen weights.</param>
    /// <param name="x">The normalised states, [D, n].</param>
    /// <param name="output">Receives the output after the last projection, [D, q].</param>
    /// <param name="positions">The n positions, and the q that have a query.</param>
    /// <param name="prefixes">Rotated keys, and values, before each group, [2, 1 or C, Hkv, d, P]; null where P is 0.</param>
    /// <param name="room">Lends memory.</param>
    public AttentionPass(
        ColumnWeights weights, HostMatrix x, HostMatrix output, ColumnPositions positions, IReadOnlyList<HostMatrix?> prefixes, HostMatrices room)
    {
        (this.weights, this.positions, this.room) = (weights, positions, room);
        using var projected = new AtHeads(this);
        using var attended = room.Of(weights.Query.Outputs, output.Columns);
        if (positions.Index is null)
        {
            weights.Query.Forward(x, projected.Queries);
        }
        else
        {
            using var some = room.Of(x.Rows, output.Columns);
            ColumnRows.CopyColumns(x, positions.Index, some);
            weights.Query.Forward(some, projected.Queries);
        }

        weights.Key.Forward(x, projected.Keys);
        weights.Value.Forward(x, projected.Values);
        using (OperationRecorder.Part("attention"))
        {
            cores = new BlockedCore[prefixes.Count];
            for (var g = 0; g < cores.Length; g++)
            {
                cores[g] = new BlockedCore(weights.Attention, (projected.Queries, projected.Keys, projected.Values), positions, g, prefixes[g], attended, room);
            }
        }

        weights.Output.Forward(attended, output);
    }

    /// <summary>Computes the gradient with respect to x, [D, n]. Gives back the memory of the forward pass, so call it once.</summary>
    /// <param name="gradient">The gradient with respect to the output, [D, q].</param>
    /// <param name="result">Receives it.</param>
    public void Backward(HostMatrix gradient, HostMatrix result)
    {
        using var at = new AtHeads(this);
        using (var attended = room.Of(weights.Query.Outputs, gradient.Columns))
        {
            weights.Output.Backward(gradient, attended);
            using var part = OperationRecorder.Part("attention");
            foreach (var core in cores)
            {
                core.Backward(attended, (at.Queries, at.Keys, at.Values));
            }
        }

        weights.Key.Backward(at.Keys, result);
        weights.Value.Backward(at.Values, result, adds: true);
        if (positions.Index is null)
        {
            weights.Query.Backward(at.Queries, result, adds: true);
            return;
        }

        using var some = room.Of(result.Rows, gradient.Columns);
        weights.Query.Backward(at.Queries, some);
        ColumnRows.AddColumns(some, positions.Index, result);
    }

    /// <summary>Queries [H·d, q], keys and values [Hkv·d, n] of the batch, or the gradients there.</summary>
    private readonly struct AtHeads(AttentionPass pass) : IDisposable
    {
        public LentMatrix Queries { get; } = pass.room.Of(pass.weights.Query.Outputs, pass.positions.Queries.Count);

        public LentMatrix Keys { get; } = pass.room.Of(pass.weights.Key.Outputs, pass.positions.Keys.Count);

        public LentMatrix Values { get; } = pass.room.Of(pass.weights.Value.Outputs, pass.positions.Keys.Count);

        public void Dispose()
        {
            Queries.Dispose();
            Keys.Dispose();
            Values.Dispose();
        }
    }
}
