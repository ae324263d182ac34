using ActivationReplay.Inputs;
using ActivationReplay.Lens;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Recordings;

/// <summary>
/// A recording of the target model (base; RLVR if roles are reversed) on a prompt: the lens entropies of the states entering its
/// first S layers, and the states themselves, their top K tokens, or both. All variants of all methods take their selections and
/// targets from it. <see cref="Bytes"/> gives its size.
/// </summary>
public sealed class Recording : IDisposable
{
    private readonly Dictionary<int, int> rowOf;

    internal Recording(IReadOnlyList<int> positions, Tensor entropies, Tensor? states, TopTokens? tokens)
    {
        Positions = positions;
        rowOf = positions.Index().ToDictionary(p => p.Item, p => p.Index);
        Entropies = entropies;
        States = states;
        Tokens = tokens;
    }

    /// <summary>The P prompt positions that are recorded, ascending.</summary>
    public IReadOnlyList<int> Positions { get; }

    /// <summary>The lens entropies in nats, [S, P] fp32 on the CPU.</summary>
    public Tensor Entropies { get; }

    /// <summary>
    /// The states entering layers 0 to S−1, [S, P, D] (index L leaves the last layer); null if only top tokens are recorded.
    /// </summary>
    public Tensor? States { get; }

    /// <summary>The top K tokens of every state, ids and probabilities [S, P, K]; null if only states are recorded.</summary>
    public TopTokens? Tokens { get; }

    /// <summary>S, the number of recorded states at each position.</summary>
    public int Layers => (int)Entropies.shape[0];

    /// <summary>
    /// The size in bytes: S · P · 4 of entropies, S · P · D · (2 or 4) of states, S · P · K · 12 of top tokens.
    /// </summary>
    public long Bytes => new[] { Entropies, States, Tokens?.Ids, Tokens?.Probabilities }
        .Sum(t => t is null ? 0 : t.numel() * t.element_size());

    /// <summary>Runs the first layers of a model over a prompt and records the states entering them.</summary>
    /// <param name="prompt">The prompt, encoded by the model to be recorded.</param>
    /// <param name="layers">S, 1 to L+1. Further layers are not computed.</param>
    /// <param name="allPositions">
    /// Whether all positions are recorded, or the visual ones only; nothing after the last of these is computed then.
    /// </param>
    public static Recording Record(EncodedPrompt prompt, int layers, bool allPositions)
    {
        IReadOnlyList<int> positions =
            allPositions ? [.. Enumerable.Range(0, prompt.Inputs.Length)] : prompt.Inputs.VisualPositions;
        return Of(prompt.Model, positions, StatesOf(prompt, layers, positions));
    }

    /// <summary>
    /// Records a prompt whose pictures are smaller than those of <paramref name="full"/>, at the visual positions. States are
    /// upsampled bilinearly to the visual tokens of <paramref name="full"/>; entropies are those of the upsampled states.
    /// </summary>
    public static Recording RecordUpsampled(EncodedPrompt small, ModelInputs full, int layers)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var sizes = small.Inputs.Spans.Zip(full.Spans, (s, f) => (f.T, s.H, s.W, f.H, f.W)).ToList();
        var states = StatesOf(small, layers, small.Inputs.VisualPositions);
        var upsampled = stack([.. states.unbind(0).Select(s => GridResizer.Resize(s, sizes))]);
        return Of(small.Model, full.VisualPositions, upsampled);
    }

    /// <summary>A copy of this recording with the top tokens of every state, for use without the model.</summary>
    /// <param name="target">The model that was recorded.</param>
    /// <param name="count">K, at most the size of the vocabulary.</param>
    /// <param name="keepStates">Whether the copy has the states, too.</param>
    /// <exception cref="InvalidOperationException">This recording has no states.</exception>
    public Recording WithTokens(QwenVlModel target, int count, bool keepStates = false)
    {
        using var scope = NewDisposeScope();
        var states = States ?? throw new InvalidOperationException("This recording holds tokens already, and no states.");
        var tokens = new LogitLens(target).TopK(states.flatten(0, 1), count);
        var (layers, positions) = (states.shape[0], states.shape[1]);
        return new Recording(
            Positions,
            Entropies.clone().DetachFromDisposeScope(),
            keepStates ? states.clone().DetachFromDisposeScope() : null,
            new TopTokens(
                tokens.Ids.view(layers, positions, -1).DetachFromDisposeScope(),
                tokens.Probabilities.view(layers, positions, -1).DetachFromDisposeScope()));
    }

    /// <summary>The states of a layer at n prompt positions, [n, D].</summary>
    /// <exception cref="InvalidOperationException">The recording has no states.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position was not recorded.</exception>
    public Tensor StatesAt(int layer, IReadOnlyList<int> positions) =>
        Rows(States ?? throw new InvalidOperationException("This recording holds no states; record them, too."), layer, positions);

    /// <summary>The top tokens of a layer at n prompt positions, [n, count], renormalised over them.</summary>
    /// <param name="layer">The layer, 0 to S−1.</param>
    /// <param name="positions">The n prompt positions, each of them recorded.</param>
    /// <param name="count">K, the number of tokens.</param>
    /// <param name="target">The model that was recorded; may be null if the recording has at least K top tokens.</param>
    /// <exception cref="InvalidOperationException">
    /// The recording has fewer top tokens, and no states or no model to compute more.
    /// </exception>
    public TopTokens TokensAt(int layer, IReadOnlyList<int> positions, int count, QwenVlModel? target)
    {
        using var scope = NewDisposeScope();
        if (Tokens is { } held && held.Ids.shape[2] >= count)
        {
            var ids = Rows(held.Ids, layer, positions).narrow(1, 0, count);
            var probabilities = Rows(held.Probabilities, layer, positions).narrow(1, 0, count);
            return new TopTokens(
                ids.contiguous().MoveToOuterDisposeScope(),
                probabilities.div(probabilities.sum(-1, keepdim: true)).MoveToOuterDisposeScope());
        }

        if (target is null || States is null)
        {
            throw new InvalidOperationException(
                $"{count} tokens are asked for, this recording holds {Tokens?.Ids.shape[2] ?? 0}; record with at least {count}.");
        }

        var tokens = new LogitLens(target).TopK(StatesAt(layer, positions), count);
        return new TopTokens(tokens.Ids.MoveToOuterDisposeScope(), tokens.Probabilities.MoveToOuterDisposeScope());
    }

    /// <summary>The entropies of a layer at n prompt positions, in nats.</summary>
    public float[] EntropiesAt(int layer, IReadOnlyList<int> positions)
    {
        using var scope = NewDisposeScope();
        var row = Entropies[layer].data<float>().ToArray();
        return [.. positions.Select(p => row[RowOf(p)])];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Entropies.Dispose();
        States?.Dispose();
        Tokens?.Ids.Dispose();
        Tokens?.Probabilities.Dispose();
    }

    private static Recording Of(QwenVlModel model, IReadOnlyList<int> positions, Tensor states)
    {
        using var scope = NewDisposeScope();
        var (layers, count) = (states.shape[0], states.shape[1]);
        var entropies = count == 0
            ? zeros([layers, 0])
            : new LogitLens(model).Entropy(states.view(-1, states.shape[2])).view(layers, -1).cpu();
        return new Recording(positions, entropies.DetachFromDisposeScope(), states.DetachFromDisposeScope(), null);
    }

    private static Tensor StatesOf(EncodedPrompt prompt, int layers, IReadOnlyList<int> positions)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var model = prompt.Model;
        if (positions.Count == 0)
        {
            return zeros([layers, 0, model.Config.Text.HiddenSize], model.Type, model.Device).MoveToOuterDisposeScope();
        }

        var length = positions[^1] + 1;
        var index = tensor(positions.Select(p => (long)p).ToArray(), ScalarType.Int64, model.Device);
        var states = new List<Tensor>();
        ForwardPass.Run(
            model,
            prompt.Embedded.narrow(1, 0, length),
            model.RotaryOf(prompt.Inputs).Slice(0, length),
            CausalContext.Instance,
            intervention: null,
            layers,
            h => states.Add(h.squeeze(0).index_select(0, index)));
        return stack(states).MoveToOuterDisposeScope();
    }

    private Tensor Rows(Tensor all, int layer, IReadOnlyList<int> positions)
    {
        using var scope = NewDisposeScope();
        var rows = positions.Select(p => (long)RowOf(p)).ToArray();
        return all[layer].index_select(0, tensor(rows, ScalarType.Int64, all.device)).MoveToOuterDisposeScope();
    }

    private int RowOf(int position) =>
        rowOf.TryGetValue(position, out var row)
            ? row
            : throw new ArgumentOutOfRangeException(nameof(position), position, "this position was not recorded");
}
