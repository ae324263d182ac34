using System.CommandLine;
using ActivationReplay.Replay;

namespace ActivationReplay.Benchmarks.Gpu;

/// <summary>The shape of what is measured: the published loop's, on one picture.</summary>
/// <param name="VisualTokens">Of the picture.</param>
/// <param name="Layers">Layers of the loss.</param>
/// <param name="Iterations">Steps of the loop.</param>
/// <param name="Share">Of the visual tokens that take part at each layer.</param>
internal sealed record GpuWork(int VisualTokens, int Layers, int Iterations, double Share)
{
    /// <summary>The settings of the loop.</summary>
    /// <param name="modelLayers">Decoder layers of the model.</param>
    /// <param name="iterations">Steps.</param>
    public ReplaySettings Settings(int modelLayers, int iterations) =>
        Workloads.MeasuredLoop.Of(modelLayers, iterations, Layers) with { Threshold = new EntropyThreshold(ThresholdRule.Quantile, Share) };
}

/// <summary>Its options; the defaults are those of the anchor, reference_loop.py.</summary>
internal sealed class GpuOptions
{
    private readonly Option<int> visualTokens = new("--visual-tokens") { Description = "Visual tokens of the picture.", DefaultValueFactory = _ => 640 };

    private readonly Option<int> layers = new("--loop-layers") { Description = "Layers of the loss, from the first.", DefaultValueFactory = _ => 16 };

    private readonly Option<int> iterations = new("--iterations") { Description = "Steps of the loop.", DefaultValueFactory = _ => 25 };

    private readonly Option<double> share = new("--share") { Description = "Share of the visual tokens that take part at each layer.", DefaultValueFactory = _ => 0.4 };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { visualTokens, layers, iterations, share })
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public GpuWork Read(ParseResult parsed)
    {
        var work = new GpuWork(parsed.GetValue(visualTokens), parsed.GetValue(layers), parsed.GetValue(iterations), parsed.GetValue(share));
        return work is { VisualTokens: > 0, Layers: > 0, Iterations: > 0, Share: > 0 and <= 1 }
            ? work
            : throw new ArgumentException("--visual-tokens, --loop-layers and --iterations must be at least 1, --share more than 0 and at most 1.");
    }
}
