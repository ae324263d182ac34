using ActivationReplay.Kernels;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// A layer over states held as columns, [D, n], on the CPU in fp32: W X is the product that libraries compute fastest there. What lies
/// between is computed in memory that is lent from one step of the loop to the next: a small layer takes less time than it takes
/// libtorch to make its tensors.
/// </summary>
internal sealed unsafe class ColumnLayerPass : ILayerPass
{
    private readonly HostMatrices room;
    private readonly ColumnPositions positions;
    private readonly NormPass attentionNorm;
    private readonly AttentionPass attention;
    private readonly LentMatrix attended;
    private readonly NormPass feedForwardNorm;
    private readonly FeedForwardPass feedForward;
    private readonly LentMatrix output;
    private readonly int inputs;

    /// <param name="weights">The layer's frozen weights.</param>
    /// <param name="x">The states entering it, [D, n]; they must not change before <see cref="Backward"/>.</param>
    /// <param name="positions">The n positions, and the q that have an output.</param>
    /// <param name="prefixes">Keys and values before each group, [2, 1 or C, Hkv, d, P]; null where P is 0.</param>
    /// <param name="room">Lends memory.</param>
    public ColumnLayerPass(
        ColumnWeights weights, HostMatrix x, ColumnPositions positions, IReadOnlyList<HostMatrix?> prefixes, HostMatrices room)
    {
        (this.room, this.positions, inputs) = (room, positions, x.Columns);
        attended = room.Of(x.Rows, positions.Queries.Count);
        output = room.Of(x.Rows, positions.Queries.Count);
        using (var normalised = room.Of(x.Rows, x.Columns))
        {
            attentionNorm = new NormPass(weights.AttentionNorm, x, normalised, room);
            attention = new AttentionPass(weights, normalised, attended, positions, prefixes, room);
        }

        using var some = room.Of(attended.Rows, attended.Columns);
        if (positions.Index is null)
        {
            ColumnRows.AddAll(x, attended);
        }
        else
        {
            ColumnRows.CopyColumns(x, positions.Index, some);
            ColumnRows.AddAll(some, attended);
        }

        feedForwardNorm = new NormPass(weights.FeedForwardNorm, attended, some, room);
        feedForward = new FeedForwardPass(weights, some, output, room);
        ColumnRows.AddAll(attended, output);
    }

    /// <inheritdoc/>
    public Tensor Output => output.Tensor;

    /// <inheritdoc/>
    public Tensor Backward(Tensor gradient)
    {
        output.Dispose();
        var sum = new HostMatrix(gradient);
        using (var atNormalised = room.Of(sum.Rows, sum.Columns))
        {
            feedForward.Backward(sum, atNormalised);
            feedForwardNorm.AddBackward(atNormalised, sum);
        }

        using var atInput = room.Of(sum.Rows, inputs);
        attention.Backward(sum, atInput);
        attended.Dispose();
        if (positions.Index is null)
        {
            attentionNorm.AddBackward(atInput, sum);
            return gradient;
        }

        var result = new HostMatrix(zeros([sum.Rows, inputs], ScalarType.Float32));
        ColumnRows.AddColumns(sum, positions.Index, result);
        attentionNorm.AddBackward(atInput, result);
        return result.Tensor;
    }
}
