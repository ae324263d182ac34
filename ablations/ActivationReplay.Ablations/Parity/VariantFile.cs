using System.Text.Json;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Ablations.Parity;

/// <summary>An entry of <c>replay.json</c>: the settings of one run of a method, and its numbers.</summary>
internal sealed record VariantFile
{
    public string? Source { get; init; }

    public required string Method { get; init; }

    public int? Layers { get; init; }

    public int? Layer { get; init; }

    public string? Alignment { get; init; }

    public string? Selection { get; init; }

    public ThresholdFile? Threshold { get; init; }

    public int? TopK { get; init; }

    public string? Direction { get; init; }

    public string? Optimiser { get; init; }

    public double? LearningRate { get; init; }

    public int? Iterations { get; init; }

    public double? GridRatio { get; init; }

    public double? PrefillRatio { get; init; }

    public JsonElement? ThresholdNats { get; init; }

    public IReadOnlyList<double>? Losses { get; init; }

    public IReadOnlyList<int>? GreedyIds { get; init; }

    public string? GreedyText { get; init; }

    public SensitivityFile? Sensitivity { get; init; }

    /// <summary>The settings of the entry's method: the published ones, and what the entry says.</summary>
    public MethodSettings Settings(IReplayMethod method)
    {
        var settings = method.Defaults(PublishedDepth.Layers);
        if (settings is LoopSettings loop)
        {
            settings = loop with
            {
                GridRatio = GridRatio ?? loop.GridRatio,
                Optimiser = Parse(Optimiser, loop.Optimiser),
                LearningRate = LearningRate ?? loop.LearningRate,
                Iterations = Iterations ?? loop.Iterations,
            };
        }

        if (settings is DivergenceSettings divergence)
        {
            settings = divergence with { TopK = TopK ?? divergence.TopK, Direction = Parse(Direction, divergence.Direction) };
        }

        if (settings is SelectionSettings selection)
        {
            settings = selection with
            {
                Alignment = Parse(Alignment, selection.Alignment),
                Selection = Parse(Selection, selection.Selection),
                Threshold = Threshold is { } t ? new EntropyThreshold(Parse(t.Rule, ThresholdRule.MaxFraction), t.Value) : selection.Threshold,
                PrefillRatio = PrefillRatio ?? selection.PrefillRatio,
            };
        }

        return settings switch
        {
            ReplaySettings s => s with { Layers = First(Layers, s.Layers) },
            GlobalSmoothSettings s => s with { Layers = First(Layers, s.Layers) },
            MidLayerSettings s => s with { Layer = Layer ?? s.Layer },
            LocalSmoothSettings s => s with { Layer = Layer ?? s.Layer },
            CrossModelSettings s => s with
            {
                Alignment = Parse(Alignment, s.Alignment),
                CrossThresholds = ThresholdNats is { } nats ? Nats(nats, Layers ?? 1) : s.CrossThresholds,
            },
            _ => settings,
        };
    }

    private static IReadOnlyList<int> First(int? count, IReadOnlyList<int> unset) => count is { } n ? [.. Enumerable.Range(0, n)] : unset;

    // One number for all layers, or one a layer.
    private static IReadOnlyList<double> Nats(JsonElement nats, int layers) => nats.ValueKind == JsonValueKind.Array
        ? [.. nats.EnumerateArray().Select(n => n.GetDouble())]
        : [.. Enumerable.Repeat(nats.GetDouble(), layers)];

    private static T Parse<T>(string? text, T unset)
        where T : struct, Enum =>
        text is null ? unset
        : Enum.TryParse<T>(text.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var value) ? value
        : throw new InvalidDataException($"'{text}' is no {typeof(T).Name}; known are {string.Join(", ", Enum.GetNames<T>())}.");
}

internal sealed record ThresholdFile(string Rule, double Value);

internal sealed record SensitivityFile(double? Losses);
