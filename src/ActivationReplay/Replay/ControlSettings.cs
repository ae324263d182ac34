namespace ActivationReplay.Replay;

/// <summary>Settings of the control that smooths the lens over jittered views of the picture.</summary>
public sealed record GlobalSmoothSettings : DivergenceSettings
{
    /// <summary>Layers whose inputs enter the loss, ascending; every visual position takes part.</summary>
    public IReadOnlyList<int> Layers { get; init => field = Ascending(value, nameof(Layers)); } = PublishedDepth.First(PublishedDepth.Compared);

    /// <summary>The published settings for a model of any depth: the layers of <see cref="ReplaySettings.For"/>.</summary>
    /// <inheritdoc cref="ReplaySettings.For"/>
    public static GlobalSmoothSettings For(int layers) => new() { Layers = PublishedDepth.First(PublishedDepth.Compared, layers) };

    /// <inheritdoc/>
    public override IReadOnlyList<int> UsedLayers() => Layers;
}

/// <summary>Settings of the control that smooths the lens over neighbouring visual tokens at one layer.</summary>
public sealed record LocalSmoothSettings : LoopSettings
{
    /// <summary>The layer. Published: 15 of 0..27.</summary>
    public int Layer { get; init => field = AtLeast(value, 0, nameof(Layer)); } = PublishedDepth.Compared - 1;

    /// <summary>The published settings for a model of any depth: the last layer that <see cref="ReplaySettings.For"/> compares.</summary>
    /// <inheritdoc cref="ReplaySettings.For"/>
    public static LocalSmoothSettings For(int layers) => new() { Layer = PublishedDepth.First(PublishedDepth.Compared, layers)[^1] };

    /// <inheritdoc/>
    public override IReadOnlyList<int> UsedLayers() => [Layer];
}

/// <summary>Settings of direct cross-model intervention.</summary>
public sealed record CrossModelSettings : MethodSettings
{
    /// <summary>Whether entropies are those of the states entering a layer, or leaving it.</summary>
    public LayerAlignment Alignment { get; init; }

    /// <summary>θ_l in nats, one for each of the first layers, which are those that the method acts on.</summary>
    public IReadOnlyList<double> CrossThresholds
    {
        get;
        init => field = value.Count > 0 && value.All(v => !double.IsNaN(v) && v >= 0)
            ? value
            : throw Invalid(nameof(CrossThresholds), string.Join(",", value), "a number of nats from 0 for each of the first layers");
    } = [.. PublishedThresholds.Take(PublishedDepth.Replaced)];

    /// <summary>The fixed thresholds of the released code, nats, layers 0 to 13 (it uses the first 7 layers).</summary>
    public static IReadOnlyList<double> PublishedThresholds { get; } =
        [4.812, 4.781, 3.734, 3.297, 3.328, 3.812, 4.312, 5.125, 4.938, 5.000, 4.719, 4.656, 4.656, 4.812];

    /// <summary>
    /// The published settings for a model of any depth: the first 7 of 28 layers, but no more than
    /// <see cref="PublishedThresholds"/> has thresholds for.
    /// </summary>
    /// <inheritdoc cref="ReplaySettings.For"/>
    public static CrossModelSettings For(int layers) => new()
    {
        CrossThresholds = [.. PublishedThresholds.Take(PublishedDepth.First(PublishedDepth.Replaced, layers).Count)],
    };

    /// <inheritdoc/>
    public override IReadOnlyList<int> UsedLayers() => [.. Enumerable.Range(0, CrossThresholds.Count)];

    /// <inheritdoc/>
    public override IReadOnlyList<int> RecordedLayers() => [.. UsedLayers().Select(l => Alignment.RecordedLayer(l))];
}
