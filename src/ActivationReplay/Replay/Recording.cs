using ActivationReplay.Lens;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay;

/// <summary>
/// What the target model (base; RLVR where roles are swapped) computed for a prompt: states entering the first layers
/// and their lens entropies. Every variant of every method takes its masks and targets from it.
/// Size: layers · positions · (D · bytes of the model's type + 4) bytes.
/// </summary>
public sealed class Recording : IDisposable
{
    private Recording(IReadOnlyList<int> positions, Tensor states, Tensor entropies)
    {
        Positions = positions;
        States = states;
        Entropies = entropies;
    }

    /// <summary>Prompt positions of the rows, ascending, [P].</summary>
    public IReadOnlyList<int> Positions { get; }

    /// <summary>States entering layers 0..S-1 (L leaves the last layer), [S, P, D].</summary>
    public Tensor States { get; }

    /// <summary>Lens entropies in nats, fp32 on the CPU, [S, P].</summary>
    public Tensor Entropies { get; }

    /// <summary>S, the number of recorded layers.</summary>
    public int Layers => (int)States.shape[0];

    /// <summary>Runs a model over a prompt and keeps the states entering its first layers.</summary>
    /// <param name="prompt">The prompt as the target model encoded it.</param>
    /// <param name="layers">1 to L+1 states; layers beyond are not computed.</param>
    /// <param name="allPositions">Every position; otherwise the visual ones alone, and nothing after them is computed.</param>
    public static Recording Record(EncodedPrompt prompt, int layers, bool allPositions)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var inputs = prompt.Inputs;
        IReadOnlyList<int> positions = allPositions ? [.. Enumerable.Range(0, inputs.Length)] : inputs.VisualPositions;
        var length = positions.Count == 0 ? 0 : positions[^1] + 1;
        var index = tensor(positions.Select(p => (long)p).ToArray(), ScalarType.Int64, prompt.Model.Device);
        var states = new List<Tensor>();
        if (length > 0)
        {
            ForwardPass.Run(
                prompt.Model,
                prompt.Embedded.narrow(1, 0, length),
                prompt.Model.RotaryOf(inputs).Slice(0, length),
                CausalContext.Instance,
                intervention: null,
                layers,
                h => states.Add(h.squeeze(0).index_select(0, index)));
        }

        var stacked = length > 0
            ? stack(states)
            : zeros([layers, 0, prompt.Model.Config.Text.HiddenSize], prompt.Model.Type, prompt.Model.Device);
        var entropies = length > 0
            ? new LogitLens(prompt.Model).Entropy(stacked.view(-1, stacked.shape[2])).view(layers, -1).cpu()
            : zeros([layers, 0]);
        return new Recording(positions, stacked.DetachFromDisposeScope(), entropies.DetachFromDisposeScope());
    }

    /// <summary>States [N, D] at some prompt positions of a layer.</summary>
    public Tensor StatesAt(int layer, IReadOnlyList<int> positions)
    {
        using var scope = NewDisposeScope();
        var rows = positions.Select(p => (long)RowOf(p)).ToArray();
        return States[layer].index_select(0, tensor(rows, ScalarType.Int64, States.device)).MoveToOuterDisposeScope();
    }

    /// <summary>Entropies in nats at some prompt positions of a layer, [N].</summary>
    public float[] EntropiesAt(int layer, IReadOnlyList<int> positions)
    {
        using var scope = NewDisposeScope();
        var row = Entropies[layer].data<float>().ToArray();
        return [.. positions.Select(p => row[RowOf(p)])];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        States.Dispose();
        Entropies.Dispose();
    }

    private int RowOf(int position)
    {
        // Positions ascend; all positions are their own rows.
        if (Positions.Count > position && Positions[position] == position)
        {
            return position;
        }

        var (low, high) = (0, Positions.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (Positions[middle] == position)
            {
                return middle;
            }

            (low, high) = Positions[middle] < position ? (middle + 1, high) : (low, middle - 1);
        }

        throw new ArgumentOutOfRangeException(nameof(position), position, "this position was not recorded");
    }
}
