using System.Globalization;
using ActivationReplay.Replay;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>
/// A setting of methods: its key under <c>replay</c>, what is allowed, and where it stands in the settings of each method that
/// has it. YAML, the command line, the schema, the columns of tables, journal keys and docs/ablations.md are made from these.
/// </summary>
/// <param name="name">The key, in kebab case; the option is <c>--NAME</c>.</param>
/// <param name="kind">What is allowed.</param>
/// <param name="description">What it is, for help and docs.</param>
internal sealed class SettingKey(string name, ValueKind kind, string description)
{
    private readonly List<Accessor> accessors = [];

    /// <summary>The key without <c>replay.</c></summary>
    public string Name => name;

    /// <summary>A name that it had before, which is still taken; or null.</summary>
    public string? FormerName { get; init; }

    /// <summary>What is allowed.</summary>
    public ValueKind Kind => kind;

    /// <summary>What it is.</summary>
    public string Description => description;

    /// <summary>Its column in tables; null where it only sets other keys.</summary>
    public string? Column { get; init; } = name.Replace('-', '_');

    /// <summary>Adds the settings of one kind that have it.</summary>
    /// <param name="get">Its value; null where another key stands in its place.</param>
    /// <param name="set">Takes a value; throws <see cref="ConfigurationException"/>.</param>
    public SettingKey On<T>(Func<T, object?> get, Func<T, ConfigValue, T> set)
        where T : MethodSettings => On<T>(get, (s, v, _) => set(s, v));

    /// <summary>The same of a value that may depend on the model's number of decoder layers.</summary>
    /// <param name="get">As there.</param>
    /// <param name="set">As there, with L.</param>
    public SettingKey On<T>(Func<T, object?> get, Func<T, ConfigValue, int, T> set)
        where T : MethodSettings
    {
        accessors.Add(new Accessor(s => s is T, s => get((T)s), (s, v, layers) => set((T)s, v, layers)));
        return this;
    }

    /// <summary>Whether settings of this kind have it.</summary>
    public bool IsOf(MethodSettings settings) => accessors.Exists(p => p.Fits(settings));

    /// <summary>The settings with another value.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="value">The value.</param>
    /// <param name="modelLayers">L, the number of the model's decoder layers.</param>
    /// <exception cref="ConfigurationException">The value is not allowed.</exception>
    public MethodSettings Set(MethodSettings settings, ConfigValue value, int modelLayers)
    {
        try
        {
            return accessors.First(p => p.Fits(settings)).Set(settings, value, modelLayers);
        }
        catch (ArgumentException e)
        {
            throw value.Wrong($"{kind.Words} ({e.Message})");
        }
    }

    /// <summary>The value as a configuration has it; null where the settings do not have it.</summary>
    public string? Text(MethodSettings settings) => accessors.Find(p => p.Fits(settings))?.Get(settings) switch
    {
        null => null,
        Enum choice => ConfigValue.Kebab(choice),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        var value => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private sealed record Accessor(
        Func<MethodSettings, bool> Fits, Func<MethodSettings, object?> Get, Func<MethodSettings, ConfigValue, int, MethodSettings> Set);
}
