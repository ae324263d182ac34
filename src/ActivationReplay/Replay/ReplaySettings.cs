using System.Globalization;

namespace ActivationReplay.Replay;

/// <summary>Which base state is compared with the RLVR state entering layer l.</summary>
public enum LayerAlignment
{
    /// <summary>The base state entering layer l: like with like.</summary>
    Aligned,

    /// <summary>The base state leaving layer l, as the released code does (off by one).</summary>
    Reference,
}

/// <summary>Which visual positions take part in the loss.</summary>
public enum EntropySelection
{
    /// <summary>Entropy at or below the threshold.</summary>
    Low,

    /// <summary>As many as <see cref="Low"/> takes, the highest entropies first.</summary>
    High,

    /// <summary>Every visual position.</summary>
    All,

    /// <summary>As many as <see cref="Low"/> takes, drawn at random.</summary>
    Random,
}

/// <summary>How <see cref="EntropyThreshold.Value"/> becomes a number of nats at a layer.</summary>
public enum ThresholdRule
{
    /// <summary>value · the largest entropy of the visual positions.</summary>
    MaxFraction,

    /// <summary>The value-quantile of the visual positions' entropies, linear between order statistics.</summary>
    Quantile,

    /// <summary>The value itself, in nats.</summary>
    Absolute,
}

/// <summary>Which distribution comes first in the divergence.</summary>
public enum KlDirection
{
    /// <summary>KL(target ‖ student).</summary>
    Forward,

    /// <summary>KL(student ‖ target).</summary>
    Reverse,
}

/// <summary>How the offsets are updated.</summary>
public enum OptimiserKind
{
    /// <summary>Plain gradient descent, the published choice.</summary>
    Sgd,

    /// <summary>Adam with 0.9, 0.999, 1e-8 and bias correction (arXiv 1412.6980).</summary>
    Adam,

    /// <summary>Gradient descent with a momentum of 0.9.</summary>
    Momentum,
}

/// <summary>A threshold on entropy.</summary>
/// <param name="Rule">How the value is read.</param>
/// <param name="Value">A fraction, a quantile in 0..1, or nats.</param>
public readonly record struct EntropyThreshold(ThresholdRule Rule, double Value)
{
    /// <summary>The published rule: 0.4 of the largest entropy.</summary>
    public static EntropyThreshold Published { get; } = new(ThresholdRule.MaxFraction, 0.4);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rule}({Value})");
}

/// <summary>Every setting of Activation Replay; the defaults are the published ones. Checked on construction.</summary>
public sealed record ReplaySettings
{
    /// <summary>Layers whose inputs enter the loss, ascending. Published: 0..15 (VL-Rethinker: 0..23).</summary>
    public IReadOnlyList<int> Layers
    {
        get;
        init => field = value.Count > 0 && value.All(l => l >= 0) && value.Zip(value.Skip(1)).All(p => p.First < p.Second)
            ? value
            : throw Invalid(nameof(Layers), string.Join(",", value), "one or more layers, ascending, from 0");
    } = [.. Enumerable.Range(0, 16)];

    /// <summary>Which base state is the target at a layer.</summary>
    public LayerAlignment Alignment { get; init; }

    /// <summary>Which visual positions take part.</summary>
    public EntropySelection Selection { get; init; }

    /// <summary>τ and how it is read.</summary>
    public EntropyThreshold Threshold
    {
        get;
        init => field = double.IsFinite(value.Value) && value.Value >= 0
            && (value.Rule == ThresholdRule.Absolute || value.Value <= 1)
            ? value
            : throw Invalid(nameof(Threshold), value, "0 to 1, or nats from 0 for the absolute rule");
    } = EntropyThreshold.Published;

    /// <summary>K: words of the target that are compared; 0 is the whole vocabulary.</summary>
    public int TopK { get; init => field = AtLeast(value, 0, nameof(TopK)); } = 50;

    /// <summary>Order of the divergence.</summary>
    public KlDirection Direction { get; init; }

    /// <summary>How the offsets are updated.</summary>
    public OptimiserKind Optimiser { get; init; }

    /// <summary>Step size.</summary>
    public double LearningRate
    {
        get;
        init => field = double.IsFinite(value) && value > 0 ? value : throw Invalid(nameof(LearningRate), value, "a number above 0");
    } = 10;

    /// <summary>Optimisation steps.</summary>
    public int Iterations { get; init => field = AtLeast(value, 0, nameof(Iterations)); } = 25;

    /// <summary>The loop ends early where the loss is at most this share of its start; 0 takes all steps.</summary>
    public double StopAt
    {
        get;
        init => field = value is >= 0 and < 1 ? value : throw Invalid(nameof(StopAt), value, "0, or a share below 1");
    }

    /// <summary>The layer of methods that act at one: mid-layer and local smoothing.</summary>
    public int Layer { get; init => field = AtLeast(value, 0, nameof(Layer)); } = 15;

    /// <summary>δ lives on ⌈r·h⌉ × ⌈r·w⌉ cells of each picture and temporal step.</summary>
    public double GridRatio { get; init => field = Ratio(value, nameof(GridRatio)); } = 1;

    /// <summary>δ lives on at most this many cells of each picture and temporal step, instead; null is by ratio.</summary>
    public int? GridCells
    {
        get;
        init => field = value is null ? null : AtLeast(value.Value, 1, nameof(GridCells));
    }

    /// <summary>The target model sees pictures at this share of their sides.</summary>
    public double PrefillRatio { get; init => field = Ratio(value, nameof(PrefillRatio)); } = 1;

    /// <summary>θ_l of cross-model intervention in nats: its layers are 0 to count-1.</summary>
    public IReadOnlyList<double> CrossThresholds
    {
        get;
        init => field = value.Count > 0 && value.All(v => !double.IsNaN(v) && v >= 0)
            ? value
            : throw Invalid(nameof(CrossThresholds), string.Join(",", value), "a number of nats from 0 for each of the first layers");
    } = [.. PublishedCrossThresholds.Take(7)];

    /// <summary>The fixed thresholds of the released code, nats, layers 0 to 13 (it uses the first 7 layers).</summary>
    public static IReadOnlyList<double> PublishedCrossThresholds { get; } =
        [4.812, 4.781, 3.734, 3.297, 3.328, 3.812, 4.312, 5.125, 4.938, 5.000, 4.719, 4.656, 4.656, 4.812];

    /// <summary>Where random selection and jittered views draw from.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// The same with the loop's fast settings: 9 steps with momentum at the published rate. A heavy ball of 0.9 goes as far in
    /// 9 steps along a steady gradient as 35 plain steps, in 8 as 29: past what the published 25 reach. Everything that says
    /// what is matched stays.
    /// </summary>
    public ReplaySettings Accelerated() => this with
    {
        Optimiser = OptimiserKind.Momentum,
        LearningRate = 10,
        Iterations = 9,
        StopAt = 0,
    };

    /// <summary>The same with the published loop: 25 plain steps at a rate of 10.</summary>
    public ReplaySettings Published() => this with
    {
        Optimiser = OptimiserKind.Sgd,
        LearningRate = 10,
        Iterations = 25,
        StopAt = 0,
    };

    /// <summary>
    /// The published settings for a model of any depth: the share of layers that was published for one of 28 layers. The loss
    /// sees the first 16 of 28, methods that act at one layer act at the last of these, and cross-model intervention acts on
    /// the first 7 of 28, but on no more than <see cref="PublishedCrossThresholds"/> has thresholds for.
    /// </summary>
    /// <param name="layers">L, the number of the model's decoder layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has no layer.</exception>
    public static ReplaySettings For(int layers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        var seen = Share(16);
        return new ReplaySettings
        {
            Layers = [.. Enumerable.Range(0, seen)],
            Layer = seen - 1,
            CrossThresholds = [.. PublishedCrossThresholds.Take(Share(7))],
        };

        int Share(int of28) => Math.Max(1, (int)Math.Round(of28 / 28.0 * layers));
    }

    private static int AtLeast(int value, int least, string name) =>
        value >= least ? value : throw Invalid(name, value, $"a whole number from {least}");

    private static double Ratio(double value, string name) =>
        value is > 0 and <= 1 ? value : throw Invalid(name, value, "above 0 and at most 1");

    private static ArgumentOutOfRangeException Invalid(string name, object value, string allowed) =>
        new(name, value, string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; allowed: {allowed}."));
}
