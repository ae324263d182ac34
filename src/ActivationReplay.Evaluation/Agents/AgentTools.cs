namespace ActivationReplay.Evaluation.Agents;

/// <summary>The tools that a configuration can name.</summary>
public static class AgentTools
{
    /// <summary>Their names in configurations; <c>none</c> is a conversation without a tool.</summary>
    public static IReadOnlyList<string> Names { get; } = ["zoom", "none"];

    /// <summary>A tool by its name in configurations; null for <c>none</c>.</summary>
    /// <exception cref="ArgumentException">There is no such tool; the message lists those there are.</exception>
    public static IAgentTool? Get(string name, BoxCoordinates coordinates = BoxCoordinates.Released) => name switch
    {
        "zoom" => new ZoomTool(coordinates),
        "none" => null,
        _ => throw new ArgumentException($"'{name}' is no tool; there are {string.Join(", ", Names)}.", nameof(name)),
    };
}
