using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// Qwen2.5-VL or Qwen2-VL: vision tower, decoder with mRoPE, and head, for inference and training. The state dictionary has the
/// keys of the Hugging Face hub (<c>visual.…</c>, <c>model.…</c>, <c>lm_head.weight</c>).
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

    /// <summary>Builds the model, taking each weight from <paramref name="weights"/> by its key and shape.</summary>
    /// <exception cref="CheckpointException">A weight is missing or has another shape.</exception>
    public QwenVlModel(ModelConfig config, IWeights weights)
        : this(config, weights, null)
    {
    }

    /// <summary>The same with the backend of another device or type.</summary>
    internal QwenVlModel(ModelConfig config, IWeights weights, Backend? backend)
        : base(nameof(QwenVlModel))
    {
        Config = config;
        using var scope = NewDisposeScope();
        visual = new VisionTower(weights, nameof(visual), config);
        model = new Decoder(weights, nameof(model), config.Text);
        lm_head = new Linear(weights, nameof(lm_head), config.Text.HiddenSize, config.Text.VocabularySize, hasBias: false);
        rotary = new MultimodalRotary(config.Text);
        RegisterComponents();
        lm_head.Backend = Backend = ownBackend = backend ?? Backend.For(Device, Type);
        if (Backend.JoinsProducts)
        {
            foreach (var layer in DecoderLayers)
            {
                layer.Join();
            }
        }
    }

    /// <summary>
    /// Loads a checkpoint's weights. They may be views of its mapped files, so keep the checkpoint open as long as the model.
    /// </summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="vocabularyRows">See <see cref="VocabularyRows"/>.</param>
    /// <exception cref="CheckpointException">A weight is missing, unexpected or has another shape.</exception>
    public static QwenVlModel Load(Checkpoint checkpoint, long? vocabularyRows = null)
    {
        var loaded = new QwenVlModel(checkpoint.Config, checkpoint) { VocabularyRows = vocabularyRows };
        checkpoint.EnsureAllUsed();
        return loaded;
    }

    /// <summary>The configuration: shapes, constants and special token ids.</summary>
    public ModelConfig Config { get; }

    /// <summary>L, the number of decoder layers.</summary>
    public int Layers => Config.Text.Layers;

    /// <summary>W_U, the head's weight, [V, D].</summary>
    public Tensor HeadWeight => lm_head.Weight;

    /// <summary>The type of weights and activations.</summary>
    public ScalarType Type => lm_head.Weight.dtype;

    /// <summary>The device of the weights.</summary>
    public Device Device => lm_head.Weight.device;

    /// <summary>
    /// Whether a new token has the same logits, bit for bit, in any batch: on the CPU in fp32, where the order of sums does not depend on
    /// the number of rows.
    /// </summary>
    public bool IsEqualInAnyBatch => ownBackend.HasKernels;

    /// <summary>The backend for this device and type, which the head always uses.</summary>
    internal Backend OwnBackend => ownBackend;

    /// <summary>The backend of tower and decoder: <see cref="OwnBackend"/>, unless training has set another.</summary>
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
                    case RmsNorm norm:
                        norm.Backend = value;
                        break;
                    case Attention attention:
                        attention.Backend = value;
                        break;
                }
            }
        }
    }

    /// <summary>
    /// Rows of logits over the whole vocabulary that the lens makes at a time, where memory asks for fewer than its own choice.
    /// Sums of floating point may depend on it.
    /// </summary>
    public long? VocabularyRows { get; init; }

    /// <summary>The number of vision tower passes since loading, for tests of what is computed.</summary>
    public long VisionPasses => Interlocked.Read(ref visionPasses);

    /// <summary>
    /// The number of states that decoder layers have computed since loading, layers · batch · positions, for tests of what is
    /// computed.
    /// </summary>
    public long LayerPositions => Interlocked.Read(ref layerPositions);

    /// <summary>Switches gradients of the weights on or off. They are off after loading.</summary>
    public void SetTrainable(bool trainable)
    {
        foreach (var parameter in parameters())
        {
            parameter.requires_grad_(trainable);
        }
    }

    /// <summary>Runs the vision tower on a prompt's media.</summary>
    /// <returns>Visual features in the order of <see cref="ModelInputs.VisualPositions"/>, [N, D]; null without media.</returns>
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

    /// <summary>The visual features, [N, D], of patches [patches, C·t·p·p], in the order of <paramref name="grids"/>.</summary>
    public Tensor EncodePatches(Tensor pixels, IReadOnlyList<PatchGrid> grids)
    {
        Interlocked.Increment(ref visionPasses);
        return visual.Forward(pixels, grids);
    }

    /// <summary>h⁰, the embeddings of a prompt with visual features at their positions, [1, T, D].</summary>
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

    /// <summary>The embeddings of T token ids, [1, T, D].</summary>
    public Tensor EmbedIds(IReadOnlyList<int> ids)
    {
        using var scope = NewDisposeScope();
        var index = tensor(ids.Select(id => (long)id).ToArray(), ScalarType.Int64, Device).unsqueeze(0);
        return model.Embed(index).MoveToOuterDisposeScope();
    }

    /// <summary>The embeddings, [B, T, D], of token ids [B, T] int64.</summary>
    public Tensor EmbedIds(Tensor ids) => model.Embed(ids);

    /// <summary>The logits, [..., V], of states leaving the last layer, [..., D]: final norm, then head.</summary>
    public Tensor Unembed(Tensor hidden) => lm_head.Forward(model.Norm(hidden));

    /// <summary>Applies the final norm to states [..., D].</summary>
    public Tensor Normalise(Tensor hidden) => model.Norm(hidden);

    /// <summary>The rotary table of all positions of a prompt, [1, T, 1, d].</summary>
    internal Rotary RotaryOf(ModelInputs inputs)
    {
        using var scope = NewDisposeScope();
        var positions = stack(inputs.Positions.Select(axis => tensor(axis)).ToArray()).unsqueeze(1);
        return RotaryAt(positions).MoveToOuterDisposeScope();
    }

    /// <summary>The rotary table, [B, T, 1, d], of positions [3, B, T] int64.</summary>
    internal Rotary RotaryAt(Tensor positions) => rotary.Table(positions, Type, Device);

    /// <summary>The states leaving <paramref name="layer"/>, [B, T, D], given those entering it.</summary>
    internal Tensor RunLayer(int layer, Tensor hidden, Rotary table, AttentionContext context)
    {
        CountPositions(hidden.shape[0] * hidden.shape[1]);
        using var scope = NewDisposeScope();
        return model.Layer(layer).Forward(hidden, table, context).MoveToOuterDisposeScope();
    }

    /// <summary>The decoder's layers, for passes that do not go through <see cref="RunLayer"/>.</summary>
    internal IReadOnlyList<DecoderLayer> DecoderLayers => model.AllLayers;

    /// <summary>Adds to <see cref="LayerPositions"/> the states that were computed without <see cref="RunLayer"/>.</summary>
    internal void CountPositions(long count) => Interlocked.Add(ref layerPositions, count);

    /// <summary>The final norm, before the head.</summary>
    internal RmsNorm FinalNorm => model.FinalNorm;

    /// <summary>
    /// Adds a layer's keys and values of <paramref name="hidden"/> [B, T, D] to the context without computing its output.
    /// </summary>
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

    // Indices that reorder features from the tower's order, pictures before videos, to the prompt's; null where the two are equal.
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
