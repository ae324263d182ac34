using ActivationReplay.Generation;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>A key of a configuration beside the settings of methods.</summary>
/// <param name="Name">Dotted.</param>
/// <param name="Kind">What is allowed.</param>
/// <param name="Description">What it is, for help and docs; null where the kind says it.</param>
/// <param name="Options">Options of the command line that set it, the long one first; none where only <c>--set</c> does.</param>
internal record ConfigKey(string Name, ValueKind Kind, string? Description = null, params string[] Options)
{
    /// <summary>Whether a list of values is allowed.</summary>
    public bool IsList { get; init; }

    /// <summary>Its column in tables, or null.</summary>
    public string? Column { get; init; }

    /// <summary>Its value in a run, for the column.</summary>
    public Func<RunConfig, string?>? Read { get; init; }

    /// <summary>Its value in a cell, for the column of a key whose values are cells of their own.</summary>
    public Func<Cell, string?>? OfCell { get; init; }

    /// <summary>The section before the dot, or the key itself.</summary>
    public string Section => Name.Split('.')[0];
}

/// <summary>A key of <see cref="GenerationSettings"/>.</summary>
/// <param name="Name">Dotted.</param>
/// <param name="Kind">What is allowed.</param>
/// <param name="Description">What it is.</param>
/// <param name="Value">Its value.</param>
/// <param name="Set">Takes a value; throws <see cref="ConfigurationException"/>.</param>
/// <param name="Options">Options of the command line.</param>
internal sealed record GenerationKey(
    string Name,
    ValueKind Kind,
    string Description,
    Func<GenerationSettings, object> Value,
    Func<GenerationSettings, ConfigValue, GenerationSettings> Set,
    params string[] Options) : ConfigKey(Name, Kind, Description, Options);
