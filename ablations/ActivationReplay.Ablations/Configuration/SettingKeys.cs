using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>Every setting of the methods, in the order in which they apply: each may be an axis of the matrix.</summary>
internal static class SettingKeys
{
    /// <summary>The section of a configuration that they stand in.</summary>
    public const string Section = "replay.";

    // Each sets several keys; what stands below it in a configuration goes on top.
    private static readonly string[] s_presets = ["published", "accelerated"];

    public static IReadOnlyList<SettingKey> All { get; } =
    [
        new SettingKey("layers", ValueKind.Form(SettingTexts.LayersForm), "Layers whose inputs enter the loss. Published: 16 of 28.")
            .On<ReplaySettings>(s => SettingTexts.Of(s.Layers), (s, v, depth) => s with { Layers = SettingTexts.Layers(v, depth) })
            .On<GlobalSmoothSettings>(s => SettingTexts.Of(s.Layers), (s, v, depth) => s with { Layers = SettingTexts.Layers(v, depth) }),
        new SettingKey("layer", ValueKind.Whole(0), "The one layer at whose input offsets and loss are. Published: 15 of 0 to 27.")
            .On<MidLayerSettings>(s => s.Layer, (s, v) => s with { Layer = v.Whole(0) })
            .On<LocalSmoothSettings>(s => s.Layer, (s, v) => s with { Layer = v.Whole(0) }),
        new SettingKey("alignment", ValueKind.OneOf<LayerAlignment>(),
            "aligned compares like with like; reference compares the base state leaving a layer, as the released code does.")
            .On<SelectionSettings>(s => s.Alignment, (s, v) => s with { Alignment = v.OneOf<LayerAlignment>() })
            .On<CrossModelSettings>(s => s.Alignment, (s, v) => s with { Alignment = v.OneOf<LayerAlignment>() }),
        new SettingKey("selection", ValueKind.OneOf<EntropySelection>(),
            "Visual positions that take part: low entropy, as many of high entropy, all, or as many at random.")
            .On<SelectionSettings>(s => s.Selection, (s, v) => s with { Selection = v.OneOf<EntropySelection>() }),
        new SettingKey("threshold", ValueKind.Form("max-fraction:F, quantile:Q or absolute:NATS"),
            "What low entropy is: at most this fraction of the largest, this quantile, or so many nats. Published: max-fraction:0.4.")
            .On<SelectionSettings>(s => SettingTexts.Of(s.Threshold), (s, v) => s with { Threshold = SettingTexts.Threshold(v) }),
        new SettingKey("top-tokens", ValueKind.Whole(0, "0 is the whole vocabulary"), "K: the target's most likely tokens that are compared. Published: 50.")
        {
            FormerName = "words",
        }.On<DivergenceSettings>(s => s.TopK, (s, v) => s with { TopK = v.Whole(0) }),
        new SettingKey("direction", ValueKind.OneOf<KlDirection>(), "forward is KL(target ‖ student), reverse KL(student ‖ target).")
            .On<DivergenceSettings>(s => s.Direction, (s, v) => s with { Direction = v.OneOf<KlDirection>() }),
        new SettingKey("preset", ValueKind.OneOf(s_presets), "The loop's keys together: published is sgd, 10, 25; accelerated momentum, 10, 9.")
        {
            Column = null,
        }.On<LoopSettings>(_ => null, (s, v) => v.OneOf(s_presets) == s_presets[1] ? s.Accelerated() : s.Published()),
        new SettingKey("optimiser", ValueKind.OneOf<OptimiserKind>(), "How offsets are updated: sgd (published), adam or momentum.")
            .On<LoopSettings>(s => s.Optimiser, (s, v) => s with { Optimiser = v.OneOf<OptimiserKind>() }),
        new SettingKey("learning-rate", ValueKind.Positive, "Step size. Published: 10.")
            .On<LoopSettings>(s => s.LearningRate, (s, v) => s with { LearningRate = v.Number(n => n is > 0 and <= float.MaxValue, ValueKind.Positive.Words) }),
        new SettingKey("iterations", ValueKind.Whole(0), "Optimisation steps. Published: 25.")
            .On<LoopSettings>(s => s.Iterations, (s, v) => s with { Iterations = v.Whole(0) }),
        new SettingKey("stop-at", ValueKind.Form("0, or a share of the first loss below 1"), "The loop ends where the loss is at most this share of its first; 0 takes all steps.")
            .On<LoopSettings>(s => s.StopAt, (s, v) => s with { StopAt = v.Number(n => n is >= 0 and < 1, "0, or a share of the first loss below 1") }),
        new SettingKey("grid-ratio", ValueKind.Share, "Learnable tokens a side, as a share of the rows and columns of visual tokens.")
            .On<LoopSettings>(s => s.GridCells is null ? s.GridRatio : null, (s, v) => s with { GridRatio = v.Share(), GridCells = null }),
        new SettingKey("grid-cells", ValueKind.Whole(1), "At most so many learnable tokens a picture and temporal step, instead of a ratio.")
            .On<LoopSettings>(s => s.GridCells, (s, v) => s with { GridCells = v.Whole(1) }),
        new SettingKey("grid-time-ratio", ValueKind.Share, "Temporal steps of learnable tokens, as a share of a video's; a small one is shared by all steps.")
            .On<LoopSettings>(s => s.GridTimeRatio == 1 ? null : s.GridTimeRatio, (s, v) => s with { GridTimeRatio = v.Share() }),
        new SettingKey("prefill-ratio", ValueKind.Share, "The target model sees pictures at this share of their sides.")
            .On<SelectionSettings>(s => s.PrefillRatio, (s, v) => s with { PrefillRatio = v.Share() }),
        new SettingKey("cross-layers", ValueKind.Whole(1), "Layers whose states are replaced, from the first. Published: 7 of 28.")
            .On<CrossModelSettings>(s => s.CrossThresholds.Count, (s, v) => s with { CrossThresholds = CrossThresholdFile.Resize(s.CrossThresholds, v.Whole(1), v) }),
        new SettingKey("cross-thresholds", ValueKind.Form("published, a number of nats, a list of them, or a file that calibrate wrote"),
            "Entropies in nats below which states are replaced, a layer each.")
            .On<CrossModelSettings>(s => SettingTexts.Of(s.CrossThresholds), (s, v) => s with { CrossThresholds = CrossThresholdFile.Parse(v, s.CrossThresholds.Count, s.Alignment) }),
        new SettingKey("seed", ValueKind.Whole(0), "Where random selection and jittered views draw from, each question its own.")
        {
            Column = "replay_seed",
        }.On<DivergenceSettings>(s => s.Seed, (s, v) => s with { Seed = v.Seed() }),
    ];

    /// <summary>The key of a name, of now or before.</summary>
    /// <exception cref="ConfigurationException">There is none.</exception>
    public static SettingKey Find(ConfigValue value, string name) =>
        All.FirstOrDefault(k => k.Name == name || k.FormerName == name)
        ?? throw new ConfigurationException(
            value.File, value.Line, $"{value.Key} is no setting; allowed under replay: {string.Join(", ", All.Select(k => k.Name))}");

    /// <summary>The keys that a method has.</summary>
    public static IEnumerable<SettingKey> Of(MethodSettings settings) => All.Where(k => k.IsOf(settings));

    /// <summary>A method with its settings as text that is equal exactly where they are.</summary>
    public static string Canonical(IReplayMethod method, MethodSettings settings) => string.Join(
        ';', Of(settings).Select(k => (k.Name, Text: k.Text(settings))).Where(k => k.Text is not null).Select(k => $"{k.Name}={k.Text}").Prepend(method.Id));
}
