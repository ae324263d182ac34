namespace ActivationReplay.Replay;

/// <summary>How many layers the published settings use of the 28 that the published models have.</summary>
public static class PublishedDepth
{
    /// <summary>L of the published models.</summary>
    public const int Layers = 28;

    /// <summary>Layers whose inputs the loss compares.</summary>
    internal const int Compared = 16;

    /// <summary>Layers whose inputs cross-model intervention replaces.</summary>
    internal const int Replaced = 7;

    /// <summary>The first layers of a model: the same share as <paramref name="ofPublished"/> has of 28, at least one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The model has no layer.</exception>
    internal static IReadOnlyList<int> First(int ofPublished, int modelLayers = Layers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(modelLayers);
        return [.. Enumerable.Range(0, Math.Max(1, (int)Math.Round(ofPublished / (double)Layers * modelLayers)))];
    }
}
