using System.Globalization;

namespace ActivationReplay.Replay;

/// <summary>
/// What a method is told to do. Each kind of method has a record of its own, checked on construction, so that no setting stands
/// where nothing reads it; <c>with</c> keeps the kind.
/// </summary>
public abstract record MethodSettings
{
    /// <summary>The layers, from 0, whose inputs the method compares or replaces, ascending; none where it changes nothing.</summary>
    public abstract IReadOnlyList<int> UsedLayers();

    /// <summary>The recorded state that belongs to each of <see cref="UsedLayers"/>: l is the state entering layer l.</summary>
    public virtual IReadOnlyList<int> RecordedLayers() => UsedLayers();

    /// <summary>Refuses a layer that a model does not have.</summary>
    /// <param name="modelLayers">L, the number of the model's decoder layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model lacks a layer; the message names it.</exception>
    public void Check(int modelLayers)
    {
        if (UsedLayers() is [.., var last] && last >= modelLayers)
        {
            throw new ArgumentOutOfRangeException(
                nameof(modelLayers), modelLayers, $"Layer {last} is asked for; this model has layers 0 to {modelLayers - 1}.");
        }
    }

    /// <summary>One or more layers, ascending.</summary>
    private protected static IReadOnlyList<int> Ascending(IReadOnlyList<int> layers, string name) =>
        layers.Count > 0 && layers.All(l => l >= 0) && layers.Zip(layers.Skip(1)).All(p => p.First < p.Second)
            ? new LayerList(layers)
            : throw Invalid(name, string.Join(",", layers), "one or more layers, ascending, from 0");

    private protected static int AtLeast(int value, int least, string name) =>
        value >= least ? value : throw Invalid(name, value, $"a whole number from {least}");

    private protected static double Ratio(double value, string name) =>
        value is > 0 and <= 1 ? value : throw Invalid(name, value, "above 0 and at most 1");

    private protected static ArgumentOutOfRangeException Invalid(string name, object value, string allowed) =>
        new(name, value, string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; allowed: {allowed}."));
}

/// <summary>The settings of a method that leaves the model as it is: none.</summary>
public sealed record UnchangedSettings : MethodSettings
{
    /// <inheritdoc/>
    public override IReadOnlyList<int> UsedLayers() => [];
}
