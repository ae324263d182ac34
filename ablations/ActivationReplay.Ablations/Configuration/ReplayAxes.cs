using System.Globalization;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Replay;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>A setting that can be an axis of the matrix.</summary>
/// <param name="Key">Under <c>replay</c>.</param>
/// <param name="Uses">Methods that use any of these have the axis.</param>
/// <param name="Allowed">For people and the JSON schema.</param>
/// <param name="Apply">Parses a value into settings; throws <see cref="ConfigurationException"/>.</param>
internal sealed record ReplayAxis(
    string Key, MethodSettings Uses, string Allowed, Func<ReplaySettings, ConfigValue, ReplaySettings> Apply);

/// <summary>Every axis of the design, by key.</summary>
internal static class ReplayAxes
{
    private const MethodSettings Any = MethodSettings.Loop | MethodSettings.Targets | MethodSettings.CrossThresholds;

    public static IReadOnlyList<ReplayAxis> All { get; } =
    [
        new("layers", MethodSettings.Targets, "a count (16), a range (0-15) or a list (0 4 7)",
            (s, v) => s with { Layers = Guard(v, () => ReplayOptions.ParseLayers(v.Text.Replace(' ', ','))) }),
        new("layer", MethodSettings.Layer, "a whole number from 0", (s, v) => s with { Layer = v.Whole(0) }),
        new("alignment", MethodSettings.Targets | MethodSettings.CrossThresholds, Names<LayerAlignment>(),
            (s, v) => s with { Alignment = v.OneOf<LayerAlignment>() }),
        new("selection", MethodSettings.Targets, Names<EntropySelection>(), (s, v) => s with { Selection = v.OneOf<EntropySelection>() }),
        new("threshold", MethodSettings.Targets, "max-fraction:F, quantile:Q or absolute:NATS",
            (s, v) => Guard(v, () => s with { Threshold = ReplayOptions.ParseThreshold(v.Text) })),
        new("words", MethodSettings.Targets, "K from 1, or 0 for the whole vocabulary", (s, v) => s with { TopK = v.Whole(0) }),
        new("direction", MethodSettings.Targets, Names<KlDirection>(), (s, v) => s with { Direction = v.OneOf<KlDirection>() }),
        new("preset", MethodSettings.Loop, "published or accelerated; the settings below it go on top", (s, v) =>
            v.OneOf(["published", "accelerated"]) == "accelerated" ? s.Accelerated() : s.Published()),
        new("optimiser", MethodSettings.Loop, Names<OptimiserKind>(), (s, v) => s with { Optimiser = v.OneOf<OptimiserKind>() }),
        new("learning-rate", MethodSettings.Loop, "a number above 0", (s, v) => s with { LearningRate = v.Number(n => n > 0, "a number above 0") }),
        new("iterations", MethodSettings.Loop, "a whole number from 0", (s, v) => s with { Iterations = v.Whole(0) }),
        new("stop-at", MethodSettings.Loop, "0, or a share of the first loss below 1",
            (s, v) => s with { StopAt = v.Number(n => n is >= 0 and < 1, "0, or a share of the first loss below 1") }),
        new("grid-ratio", MethodSettings.Loop, "above 0 and at most 1", (s, v) => s with { GridRatio = Share(v), GridCells = null }),
        new("grid-cells", MethodSettings.Loop, "a whole number from 1", (s, v) => s with { GridCells = v.Whole(1) }),
        new("prefill-ratio", MethodSettings.PrefillRatio, "above 0 and at most 1", (s, v) => s with { PrefillRatio = Share(v) }),
        new("cross-layers", MethodSettings.CrossThresholds, "a whole number from 1",
            (s, v) => s with { CrossThresholds = CrossThresholdFile.Resize(s.CrossThresholds, v.Whole(1), v) }),
        new("cross-thresholds", MethodSettings.CrossThresholds, "published, a number of nats, or a file that calibrate wrote",
            (s, v) => Guard(v, () => s with { CrossThresholds = CrossThresholdFile.Parse(v.Text, s.CrossThresholds.Count, s.Alignment) })),
        new("seed", Any, "a whole number from 0", (s, v) => s with { Seed = v.Seed() }),
    ];

    public static ReplayAxis Find(ConfigValue value, string key) =>
        All.FirstOrDefault(a => a.Key == key)
        ?? throw new ConfigurationException(
            value.File, value.Line, $"{value.Key} is no setting; allowed under replay: {string.Join(", ", All.Select(a => a.Key))}");

    private static double Share(ConfigValue value) => value.Number(n => n is > 0 and <= 1, "above 0 and at most 1");

    private static string Names<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetValues<T>().Select(ConfigValue.Kebab));

    private static T Guard<T>(ConfigValue value, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            throw new ConfigurationException(value.File, value.Line, string.Create(CultureInfo.InvariantCulture, $"{value.Key}: {e.Message}"));
        }
    }
}
