using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// Qwen2.5-VL or Qwen2-VL: vision tower, decoder with mRoPE, head. The state dictionary has the hub's keys
/// (<c>visual.…</c>, <c>model.…</c>, <c>lm_head.weight</c>). One definition serves inference and training.
/// </summary>
public sealed class QwenVlModel : nn.Module
{
    private readonly VisionTower visual;
    private readonly Decoder model;
    private readonly Linear lm_head;
    private readonly MultimodalRotary rotary;
    private readonly Backend ownBackend;
    private long visionPasses;
    private long layerPositions;

    /// <summary>Builds the model from <paramref name="weights"/>; each weight is asked for by its key and shape.</summary>
    /// <exception cref="CheckpointException">A weight is missing or has another shape.</exception>
    public QwenVlModel(ModelConfig config, IWeights weights)
        : base(nameof(QwenVlModel))
    {
        Config = config;
        using var scope = NewDisposeScope();
        visual = new VisionTower(weights, nameof(visual), config);
        model = new Decoder(weights, nameof(model), config.Text);
        lm_head = new Linear(weights, nameof(lm_head), config.Text.HiddenSize, config.Text.VocabularySize, hasBias: false);
        rotary = new MultimodalRotary(config.Text);
        RegisterComponents();
        lm_head.Backend = Backend = ownBackend = Backend.For(Device, Type);
    }

    /// <summary>Loads a checkpoint's weights; what is mapped stays mapped, so keep the checkpoint open.</summary>
    /// <exception cref="CheckpointException">A weight is missing, unexpected or has another shape.</exception>
    public static QwenVlModel Load(Checkpoint checkpoint)
    {
        var loaded = new QwenVlModel(checkpoint.Config, checkpoint);
        checkpoint.EnsureAllUsed();
        return loaded;
    }

    /// <summary>Shapes and special ids.</summary>
    public ModelConfig Config { get; }

    /// <summary>L, the number of decoder layers.</summary>
    public int Layers => Config.Text.Layers;

    /// <summary>W_U [V, D], the rows of the head.</summary>
    public Tensor HeadWeight => lm_head.Weight;

    /// <summary>Type of weights and activations.</summary>
    public ScalarType Type => lm_head.Weight.dtype;

    /// <summary>Where the weights are.</summary>
    public Device Device => lm_head.Weight.device;

    /// <summary>The backend that device and type decide; the head always uses it.</summary>
    internal Backend OwnBackend => ownBackend;

    /// <summary>Who computes in tower and decoder; training may put another in the place of <see cref="OwnBackend"/>.</summary>
    internal Backend Backend
    {
        get;
        set
        {
            field = value;
            foreach (var part in visual.modules().Concat(model.modules()))
            {
                switch (part)
                {
                    case Linear linear:
                        linear.Backend = value;
                        break;
                    case Attention attention:
                        attention.Backend = value;
                        break;
                }
            }
        }
    }

    /// <summary>Passes of the vision tower since loading.</summary>
    public long VisionPasses => Interlocked.Read(ref visionPasses);

    /// <summary>States that decoder layers gave since loading: layer · batch · positions.</summary>
    public long LayerPositions => Interlocked.Read(ref layerPositions);

    /// <summary>Switches gradients to the weights on or off (off after loading).</summary>
    public void SetTrainable(bool trainable)
    {
        foreach (var parameter in parameters())
        {
            parameter.requires_grad_(trainable);
        }
    }

    /// <summary>Visual features [N, D] of a prompt's media, in the order of <see cref="ModelInputs.VisualPositions"/>.</summary>
    /// <returns>Null without media.</returns>
    public Tensor? EncodeMedia(ModelInputs inputs)
    {
        if (inputs.Pixels is null)
        {
            return null;
        }

        using var scope = NewDisposeScope();
        var features = EncodePatches(inputs.Pixels, inputs.Grids);
        var order = PromptOrder(inputs.Spans);
        return (order is null ? features : features.index_select(0, tensor(order, ScalarType.Int64, Device)))
            .MoveToOuterDisposeScope();
    }

    /// <summary>Visual features [N, D] of patches [patches, C·t·p·p], in the order of <paramref name="grids"/>.</summary>
    public Tensor EncodePatches(Tensor pixels, IReadOnlyList<PatchGrid> grids)
    {
        Interlocked.Increment(ref visionPasses);
        return visual.Forward(pixels, grids);
    }

    /// <summary>h⁰ [1, T, D]: embeddings with the visual features in place.</summary>
    /// <param name="inputs">The prompt.</param>
    /// <param name="features">[N, D] from <see cref="EncodeMedia"/>; null without media.</param>
    public Tensor Embed(ModelInputs inputs, Tensor? features)
    {
        using var scope = NewDisposeScope();
        var embedded = EmbedIds(inputs.Ids);
        if (features is not null)
        {
            var index = tensor(inputs.VisualPositions.Select(p => (long)p).ToArray(), ScalarType.Int64, Device);
            embedded = embedded.index_copy(1, index, features.unsqueeze(0));
        }

        return embedded.MoveToOuterDisposeScope();
    }

    /// <summary>Embeddings [1, T, D] of token ids.</summary>
    public Tensor EmbedIds(IReadOnlyList<int> ids)
    {
        using var scope = NewDisposeScope();
        var index = tensor(ids.Select(id => (long)id).ToArray(), ScalarType.Int64, Device).unsqueeze(0);
        return model.Embed(index).MoveToOuterDisposeScope();
    }

    /// <summary>Embeddings [B, T, D] of token ids [B, T].</summary>
    public Tensor EmbedIds(Tensor ids) => model.Embed(ids);

    /// <summary>Logits [..., V] of states leaving the last layer, [..., D].</summary>
    public Tensor Unembed(Tensor hidden) => lm_head.Forward(model.Norm(hidden));

    /// <summary>The final norm of states [..., D].</summary>
    public Tensor Normalise(Tensor hidden) => model.Norm(hidden);

    /// <summary>Rotary table of a prompt, for all its positions.</summary>
    internal Rotary RotaryOf(ModelInputs inputs)
    {
        using var scope = NewDisposeScope();
        var positions = stack(inputs.Positions.Select(axis => tensor(axis)).ToArray()).unsqueeze(1);
        return RotaryAt(positions).MoveToOuterDisposeScope();
    }

    /// <summary>Rotary table of positions [3, B, T].</summary>
    internal Rotary RotaryAt(Tensor positions) => rotary.Table(positions, Type, Device);

    /// <summary>The state leaving <paramref name="layer"/>, [B, T, D], of the state entering it.</summary>
    internal Tensor RunLayer(int layer, Tensor hidden, Rotary table, AttentionContext context)
    {
        CountPositions(hidden.shape[0] * hidden.shape[1]);
        using var scope = NewDisposeScope();
        return model.Layer(layer).Forward(hidden, table, context).MoveToOuterDisposeScope();
    }

    /// <summary>The decoder's layers, for passes of another form than <see cref="RunLayer"/>.</summary>
    internal IReadOnlyList<DecoderLayer> DecoderLayers => model.AllLayers;

    /// <summary>Adds states that layers gave in such a pass to <see cref="LayerPositions"/>.</summary>
    internal void CountPositions(long count) => Interlocked.Add(ref layerPositions, count);

    /// <summary>The norm before the head.</summary>
    internal RmsNorm FinalNorm => model.FinalNorm;

    /// <summary>Gives a layer's keys and values of <paramref name="hidden"/> to the context, without its output.</summary>
    internal void CacheKeysAndValues(int layer, Tensor hidden, Rotary table, AttentionContext context)
    {
        using var scope = NewDisposeScope();
        model.Layer(layer).CacheKeysAndValues(hidden, table, context);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            ownBackend.Dispose();
        }
    }

    // The tower computes pictures first, then videos. Null where that is the prompt's order already.
    private static long[]? PromptOrder(IReadOnlyList<VisualSpan> spans)
    {
        var towerOrder = spans.Index().OrderBy(s => s.Item.IsVideo).ToList();
        if (towerOrder.Select(s => s.Index).SequenceEqual(Enumerable.Range(0, spans.Count)))
        {
            return null;
        }

        var starts = new long[spans.Count];
        var next = 0L;
        foreach (var (index, span) in towerOrder)
        {
            starts[index] = next;
            next += span.Count;
        }

        return [.. spans.Index().SelectMany(s => Enumerable.Range(0, s.Item.Count).Select(i => starts[s.Index] + i))];
    }
}
