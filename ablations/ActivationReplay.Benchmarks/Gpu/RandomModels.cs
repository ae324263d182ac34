using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Checkpoints;
using ActivationReplay.Models;
using ActivationReplay.Native;

namespace ActivationReplay.Benchmarks.Gpu;

/// <summary>Models of random weights that are drawn on the device: a 7B pair is there in seconds, and on no disk.</summary>
internal sealed class RandomModels : IDisposable
{
    private const double Moved = 0.02; // as RandomPair's
    private readonly List<(RandomWeights Weights, QwenVlModel Model)> made = [];
    private readonly MeasureOptions options;

    /// <exception cref="ArgumentException">A pair was given, or there is no such shape.</exception>
    public RandomModels(MeasureOptions options)
    {
        this.options = options.Pair is null ? options : throw new ArgumentException("--pair: gpu measures random weights of a --shape.");
        Config = ModelConfig.Load(options.ShapeFolder);
    }

    /// <summary>The shape.</summary>
    public ModelConfig Config { get; }

    /// <summary>Draws a model.</summary>
    /// <param name="isBase">The base model, else the RLVR one, which is a little moved from it.</param>
    public QwenVlModel Make(bool isBase)
    {
        var weights = new RandomWeights(Config, 0, options.Type, isBase ? 0 : Moved, ComputeDevice.Parse(options.Device)) { DrawsOnDevice = true };
        var model = new QwenVlModel(Config, weights);
        made.Add((weights, model));
        return model;
    }

    public void Dispose()
    {
        foreach (var (weights, model) in made)
        {
            model.Dispose();
            weights.Dispose();
        }
    }
}
