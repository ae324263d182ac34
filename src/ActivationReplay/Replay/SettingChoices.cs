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

/// <summary>Which recorded states an alignment reads.</summary>
public static class LayerAlignments
{
    /// <summary>The recorded state that is compared with the student's state entering <paramref name="layer"/>.</summary>
    public static int RecordedLayer(this LayerAlignment alignment, int layer) => alignment == LayerAlignment.Aligned ? layer : layer + 1;

    /// <summary>How many states a recording needs for layers up to <paramref name="lastLayer"/>.</summary>
    public static int StatesNeeded(this LayerAlignment alignment, int lastLayer) => alignment.RecordedLayer(lastLayer) + 1;
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
