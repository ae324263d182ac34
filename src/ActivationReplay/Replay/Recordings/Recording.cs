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
    private readonly Dictionary<TokenQuery, TopTokens> kept = [];

    internal Recording(IReadOnlyList<int> positions, Tensor entropies, Tensor? states)
    {
        Positions = positions;
        rowOf = positions.Index().ToDictionary(p => p.Item, p => p.Index);
        Entropies = entropies;
        States = states;
    }

    /// <summary>The P prompt positions that are recorded, ascending.</summary>
    public IReadOnlyList<int> Positions { get; }

    /// <summary>The lens entropies in nats, [S, P] fp32 on the CPU.</summary>
    public Tensor Entropies { get; }

    /// <summary>
    /// The states entering layers 0 to S−1, [S, P, D] (index L leaves the last layer); null if only top tokens are recorded.
    /// </summary>
    public Tensor? States { get; }

    /// <summary>
    /// Keeps the top tokens that are asked for, so that they can be asked for again without the model that was recorded.
    /// </summary>
    internal bool KeepsTokens { get; set; }

    /// <summary>The top tokens that are kept, by what was asked for.</summary>
    internal IReadOnlyDictionary<TokenQuery, TopTokens> Kept => kept;

    /// <summary>S, the number of recorded states at each position.</summary>
    public int Layers => (int)Entropies.shape[0];

    /// <summary>
    /// Memory in bytes: S · P · 4 of entropies, S · P · D · (2 or 4) of states, 12 of each kept token.
    /// </summary>
    public long Bytes => new[] { Entropies, States }.Concat(kept.Values.SelectMany(t => new[] { t.Ids, t.Probabilities }))
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
        var sizes = small.Inputs.Spans.Zip(full.Spans, (s, f) => (new MediumGrid(f.T, s.H, s.W), new MediumGrid(f.T, f.H, f.W))).ToList();
        var states = StatesOf(small, layers, small.Inputs.VisualPositions);
        var upsampled = stack([.. states.unbind(0).Select(s => GridResizer.Resize(s, sizes))]);
        return Of(small.Model, full.VisualPositions, upsampled);
    }

    /// <summary>States [n, D] at some prompt positions of a layer.</summary>
    /// <exception cref="InvalidOperationException">The recording holds tokens alone.</exception>
    public Tensor StatesAt(int layer, IReadOnlyList<int> positions) =>
        Rows(States ?? throw new InvalidOperationException("This recording holds no states; record them, too."), layer, positions);

    /// <summary>The <paramref name="count"/> top tokens at some prompt positions of a layer, [n, count].</summary>
    /// <param name="layer">A recorded layer.</param>
    /// <param name="positions">Recorded positions, [n].</param>
    /// <param name="count">K.</param>
    /// <param name="target">The model that was recorded; may be null where the same was asked for before and kept.</param>
    /// <exception cref="InvalidOperationException">They are not kept, and there is no model or no state to make them of.</exception>
    public TopTokens TokensAt(int layer, IReadOnlyList<int> positions, int count, QwenVlModel? target)
    {
        using var scope = NewDisposeScope();
        var query = new TokenQuery(layer, count, positions);
        if (!kept.TryGetValue(query, out var tokens))
        {
            if (target is null || States is null)
            {
                throw new InvalidOperationException(
                    $"The {count} top tokens of {positions.Count} positions at layer {layer} are not kept with this recording, and the model that makes them is not there. "
                    + "A method names them in its needs (RecordingNeed.Targets).");
            }

            tokens = new LogitLens(target).TopK(StatesAt(layer, positions), count);
            if (KeepsTokens)
            {
                Keep(query, tokens);
            }
        }

        return new TopTokens(tokens.Ids.alias().MoveToOuterDisposeScope(), tokens.Probabilities.alias().MoveToOuterDisposeScope());
    }

    internal void Keep(TokenQuery query, TopTokens tokens) =>
        kept[query] = new TopTokens(tokens.Ids.alias().DetachFromDisposeScope(), tokens.Probabilities.alias().DetachFromDisposeScope());

    /// <summary>Entropies in nats at some prompt positions of a layer, [n].</summary>
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
        foreach (var tokens in kept.Values)
        {
            tokens.Ids.Dispose();
            tokens.Probabilities.Dispose();
        }
    }

    private static Recording Of(QwenVlModel model, IReadOnlyList<int> positions, Tensor states)
    {
        using var scope = NewDisposeScope();
        var (layers, count) = (states.shape[0], states.shape[1]);
        var entropies = count == 0
            ? zeros([layers, 0])
            : new LogitLens(model).Entropy(states.view(-1, states.shape[2])).view(layers, -1).cpu();
        return new Recording(positions, entropies.DetachFromDisposeScope(), states.DetachFromDisposeScope());
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
