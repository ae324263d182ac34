using ActivationReplay.Checkpoints;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Weights;

/// <summary>
/// A model's weights as views of two fp32 vectors, the tower's and the language model's, so that an optimiser step is a few
/// operations on each instead of some on every weight.
/// </summary>
internal sealed class FlatWeights : IWeights, IDisposable
{
    private readonly Dictionary<string, Tensor> views = [];

    private FlatWeights(IReadOnlyList<KeyValuePair<string, long[]>> layout)
    {
        Layout = layout;
        Tower = new FlatGroup(layout.Where(w => IsTower(w.Key)), views);
        Language = new FlatGroup(layout.Where(w => !IsTower(w.Key)), views);
    }

    /// <summary>Keys and shapes in the model's order.</summary>
    public IReadOnlyList<KeyValuePair<string, long[]>> Layout { get; }

    /// <summary>Weights under <c>visual.</c>.</summary>
    public FlatGroup Tower { get; }

    /// <summary>All other weights.</summary>
    public FlatGroup Language { get; }

    /// <summary>Random weights for a configuration (<see cref="InitialWeights"/>).</summary>
    public static FlatWeights Initialise(ModelConfig config, ulong seed)
    {
        var weights = ForConfig(config);
        weights.Fill((key, shape) => InitialWeights.Create(key, shape, seed));
        return weights;
    }

    /// <summary>A copy in fp32 of a checkpoint's weights.</summary>
    public static FlatWeights Copy(IWeights source, ModelConfig config)
    {
        var weights = ForConfig(config);
        weights.Fill((key, shape) => source.Get(key, shape));
        return weights;
    }

    /// <inheritdoc/>
    public Tensor Get(string key, params ReadOnlySpan<long> shape) => views.TryGetValue(key, out var view)
        ? view.alias() // a parameter takes over the tensor that it is made of
        : throw new CheckpointException("training", "is not among the weights of the configuration", key);

    /// <summary>Every weight by its key.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> All => Layout.Select(w => KeyValuePair.Create(w.Key, views[w.Key]));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var view in views.Values)
        {
            view.Dispose();
        }

        Tower.Dispose();
        Language.Dispose();
    }

    private static bool IsTower(string key) => key.StartsWith("visual.", StringComparison.Ordinal);

    private static FlatWeights ForConfig(ModelConfig config)
    {
        var recorder = new ShapeRecorder();
        using var shapes = new QwenVlModel(config, recorder);
        return new FlatWeights(recorder.Layout);
    }

    private void Fill(Func<string, long[], Tensor> source)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var (key, shape) in Layout)
        {
            views[key].copy_(source(key, shape));
        }
    }

    private sealed class ShapeRecorder : IWeights
    {
        public List<KeyValuePair<string, long[]>> Layout { get; } = [];

        public Tensor Get(string key, params ReadOnlySpan<long> shape)
        {
            Layout.Add(new KeyValuePair<string, long[]>(key, shape.ToArray()));
            return empty(shape.ToArray(), ScalarType.Float32, META);
        }
    }
}
