using System.Globalization;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>A setting that can be an axis of the matrix.</summary>
/// <param name="Key">Under <c>replay</c>.</param>
/// <param name="Uses">Methods that use any of these have the axis.</param>
/// <param name="Kind">What is allowed.</param>
/// <param name="Apply">Parses a value into settings; throws <see cref="ConfigurationException"/>.</param>
internal sealed record ReplayAxis(
    string Key, MethodSettings Uses, ValueKind Kind, Func<ReplaySettings, ConfigValue, ReplaySettings> Apply);

/// <summary>Every axis of the design, by key.</summary>
internal static class ReplayAxes
{
    private const MethodSettings Any = MethodSettings.Loop | MethodSettings.Targets | MethodSettings.CrossThresholds;

    // Each sets several keys; what stands below it in a configuration goes on top.
    private static readonly string[] s_presets = ["published", "accelerated"];

    public static IReadOnlyList<ReplayAxis> All { get; } =
    [
        new("layers", MethodSettings.Targets, ValueKind.Form("a count (16), a range (0-15) or a list (0 4 7)"),
            (s, v) => s with { Layers = Guard(v, () => SettingTexts.Layers(v.Text.Replace(' ', ','))) }),
        new("layer", MethodSettings.Layer, ValueKind.Whole(0), (s, v) => s with { Layer = v.Whole(0) }),
        new("alignment", MethodSettings.Targets | MethodSettings.CrossThresholds, ValueKind.OneOf<LayerAlignment>(),
            (s, v) => s with { Alignment = v.OneOf<LayerAlignment>() }),
        new("selection", MethodSettings.Targets, ValueKind.OneOf<EntropySelection>(),
            (s, v) => s with { Selection = v.OneOf<EntropySelection>() }),
        new("threshold", MethodSettings.Targets, ValueKind.Form("max-fraction:F, quantile:Q or absolute:NATS"),
            (s, v) => Guard(v, () => s with { Threshold = SettingTexts.Threshold(v.Text) })),
        new("words", MethodSettings.Targets, ValueKind.Whole(0, "0 is the whole vocabulary"), (s, v) => s with { TopK = v.Whole(0) }),
        new("direction", MethodSettings.Targets, ValueKind.OneOf<KlDirection>(), (s, v) => s with { Direction = v.OneOf<KlDirection>() }),
        new("preset", MethodSettings.Loop, ValueKind.OneOf(s_presets), (s, v) =>
            v.OneOf(s_presets) == s_presets[1] ? s.Accelerated() : s.Published()),
        new("optimiser", MethodSettings.Loop, ValueKind.OneOf<OptimiserKind>(), (s, v) => s with { Optimiser = v.OneOf<OptimiserKind>() }),
        new("learning-rate", MethodSettings.Loop, ValueKind.Positive,
            (s, v) => s with { LearningRate = v.Number(n => n > 0, "a number above 0") }),
        new("iterations", MethodSettings.Loop, ValueKind.Whole(0), (s, v) => s with { Iterations = v.Whole(0) }),
        new("stop-at", MethodSettings.Loop, ValueKind.Form("0, or a share of the first loss below 1"),
            (s, v) => s with { StopAt = v.Number(n => n is >= 0 and < 1, "0, or a share of the first loss below 1") }),
        new("grid-ratio", MethodSettings.Loop, ValueKind.Share, (s, v) => s with { GridRatio = Share(v), GridCells = null }),
        new("grid-cells", MethodSettings.Loop, ValueKind.Whole(1), (s, v) => s with { GridCells = v.Whole(1) }),
        new("prefill-ratio", MethodSettings.PrefillRatio, ValueKind.Share, (s, v) => s with { PrefillRatio = Share(v) }),
        new("cross-layers", MethodSettings.CrossThresholds, ValueKind.Whole(1),
            (s, v) => s with { CrossThresholds = CrossThresholdFile.Resize(s.CrossThresholds, v.Whole(1), v) }),
        new("cross-thresholds", MethodSettings.CrossThresholds,
            ValueKind.Form("published, a number of nats, or a file that calibrate wrote"),
            (s, v) => Guard(v, () => s with
            {
                CrossThresholds = CrossThresholdFile.Parse(v.FileOrText(), s.CrossThresholds.Count, s.Alignment),
            })),
        new("seed", Any, ValueKind.Whole(0), (s, v) => s with { Seed = v.Seed() }),
    ];

    public static ReplayAxis Find(ConfigValue value, string key) =>
        All.FirstOrDefault(a => a.Key == key)
        ?? throw new ConfigurationException(
            value.File, value.Line, $"{value.Key} is no setting; allowed under replay: {string.Join(", ", All.Select(a => a.Key))}");

    private static double Share(ConfigValue value) => value.Number(n => n is > 0 and <= 1, "above 0 and at most 1");

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
