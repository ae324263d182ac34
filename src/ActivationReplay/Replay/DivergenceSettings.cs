namespace ActivationReplay.Replay;

/// <summary>Settings of a method whose loss is a divergence between logit-lens distributions of a target and the student.</summary>
public abstract record DivergenceSettings : LoopSettings
{
    /// <summary>K: the target's most likely tokens that are compared; 0 is the whole vocabulary.</summary>
    public int TopK { get; init => field = AtLeast(value, 0, nameof(TopK)); } = 50;

    /// <summary>Order of the divergence.</summary>
    public KlDirection Direction { get; init; }

    /// <summary>Where random selection and jittered views draw from, each question its own.</summary>
    public ulong Seed { get; init; }
}

/// <summary>Settings of a method that matches the student to another model at visual positions chosen by entropy.</summary>
public abstract record SelectionSettings : DivergenceSettings
{
    /// <summary>Which state of the other model is the target at a layer.</summary>
    public LayerAlignment Alignment { get; init; }

    /// <summary>Which visual positions take part.</summary>
    public EntropySelection Selection { get; init; }

    /// <summary>τ and how it is read.</summary>
    public EntropyThreshold Threshold
    {
        get;
        init => field = double.IsFinite(value.Value) && value.Value >= 0
            && (value.Rule == ThresholdRule.Absolute || value.Value <= 1)
            ? value
            : throw Invalid(nameof(Threshold), value, "0 to 1, or nats from 0 for the absolute rule");
    } = EntropyThreshold.Published;

    /// <summary>The target model sees pictures at this share of their sides.</summary>
    public double PrefillRatio { get; init => field = Ratio(value, nameof(PrefillRatio)); } = 1;

    /// <summary>The layer whose input the offsets are added to; 0 is the embeddings.</summary>
    public virtual int EntryLayer() => 0;

    /// <inheritdoc/>
    public override IReadOnlyList<int> RecordedLayers() => [.. UsedLayers().Select(l => Alignment.RecordedLayer(l))];
}

/// <summary>Settings of Activation Replay, and of its reverse, whose offsets are added to the embeddings.</summary>
public sealed record ReplaySettings : SelectionSettings
{
    /// <summary>Layers whose inputs enter the loss, ascending. Published: 0..15 of 28 (VL-Rethinker: 0..23).</summary>
    public IReadOnlyList<int> Layers { get; init => field = Ascending(value, nameof(Layers)); } = PublishedDepth.First(PublishedDepth.Compared);

    /// <summary>
    /// The published settings for a model of any depth: the share of layers that was published for one of 28 layers, of
    /// which the loss sees the first 16.
    /// </summary>
    /// <param name="layers">L, the number of the model's decoder layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has no layer.</exception>
    public static ReplaySettings For(int layers) => new() { Layers = PublishedDepth.First(PublishedDepth.Compared, layers) };

    /// <inheritdoc/>
    public override IReadOnlyList<int> UsedLayers() => Layers;
}

/// <summary>Settings of replay at one layer, where the offsets are added and the loss is.</summary>
public sealed record MidLayerSettings : SelectionSettings
{
    /// <summary>The layer. Published: 15 of 0..27.</summary>
    public int Layer { get; init => field = AtLeast(value, 0, nameof(Layer)); } = PublishedDepth.Compared - 1;

    /// <summary>The published settings for a model of any depth: the last layer that <see cref="ReplaySettings.For"/> compares.</summary>
    /// <inheritdoc cref="ReplaySettings.For"/>
    public static MidLayerSettings For(int layers) => new() { Layer = PublishedDepth.First(PublishedDepth.Compared, layers)[^1] };

    /// <inheritdoc/>
    public override IReadOnlyList<int> UsedLayers() => [Layer];

    /// <inheritdoc/>
    public override int EntryLayer() => Layer;
}
