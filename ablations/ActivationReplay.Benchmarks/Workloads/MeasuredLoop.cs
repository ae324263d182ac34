using ActivationReplay.Replay;

namespace ActivationReplay.Benchmarks.Workloads;

/// <summary>
/// The settings that loops are measured with: the published ones on fewer layers, but for the threshold. Half of the visual
/// positions take part at each layer, whatever the weights, so that the work depends on the shape alone.
/// </summary>
internal static class MeasuredLoop
{
    /// <summary>Layers of the measured loss (of shape m's 16).</summary>
    public const int Layers = 9;

    /// <summary>Published settings with the loss on the first layers.</summary>
    public static ReplaySettings Of(int modelLayers, int iterations, int layers = Layers, int topK = 50) => new()
    {
        Layers = [.. Enumerable.Range(0, Math.Min(layers, modelLayers))],
        TopK = topK,
        Threshold = new EntropyThreshold(ThresholdRule.Quantile, 0.5),
        Iterations = iterations,
    };

    /// <summary>Variants that one batch can hold, each with selections of its own.</summary>
    public static IReadOnlyList<ReplaySettings> Variants(ReplaySettings settings, int count) =>
    [
        .. Enumerable.Range(0, count).Select(v => settings with
        {
            Selection = (EntropySelection)(v % 4),
            LearningRate = settings.LearningRate / (1 + (v / 4)),
        }),
    ];
}
