using System.Text.Json;
using ActivationReplay.Replay;

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

    public ReplaySettings Settings()
    {
        var published = new ReplaySettings();
        return new ReplaySettings
        {
            Layers = Layers is { } count ? [.. Enumerable.Range(0, count)] : published.Layers,
            Layer = Layer ?? published.Layer,
            GridRatio = GridRatio ?? 1,
            PrefillRatio = PrefillRatio ?? 1,
            CrossThresholds = ThresholdNats is { } nats ? Nats(nats, Layers ?? 1) : published.CrossThresholds,
            Alignment = Parse(Alignment, published.Alignment),
            Selection = Parse(Selection, published.Selection),
            Threshold = Threshold is { } t ? new EntropyThreshold(Parse(t.Rule, ThresholdRule.MaxFraction), t.Value) : published.Threshold,
            TopK = TopK ?? published.TopK,
            Direction = Parse(Direction, published.Direction),
            Optimiser = Parse(Optimiser, published.Optimiser),
            LearningRate = LearningRate ?? published.LearningRate,
            Iterations = Iterations ?? published.Iterations,
        };
    }

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
