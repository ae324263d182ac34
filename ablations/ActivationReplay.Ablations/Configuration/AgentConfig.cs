using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>The section <c>agent</c>: questions are conversations in which a tool may be called.</summary>
/// <param name="Turns">The most turns of the model.</param>
/// <param name="Stop">Where a turn that calls ends.</param>
/// <param name="Coordinates">In which pixels boxes are.</param>
/// <param name="OwnSystem">Whether the system message is this project's own, since no file was named.</param>
/// <param name="HasTool">Whether there are cells with a tool: a system message from a file is theirs alone then.</param>
/// <param name="Context">The most tokens of a conversation; null is the checkpoint's positions.</param>
public sealed record AgentConfig(int Turns, AgentStop Stop, BoxCoordinates Coordinates, bool OwnSystem, bool HasTool, int? Context = null)
{
    internal const string ToolKey = "agent.tool";

    internal const string NoTool = "none";

    // Published.
    private const int DefaultTurns = 11;

    /// <summary>Reads the section.</summary>
    /// <returns>Null where no tool is named.</returns>
    internal static AgentConfig? Read(YamlKeys keys)
    {
        if (keys.Values.TryGetValue(ToolKey, out var tools))
        {
            return new AgentConfig(
                keys.One("agent.turns")?.Whole(1) ?? DefaultTurns,
                keys.One("agent.stop")?.OneOf<AgentStop>() ?? AgentStop.Text,
                keys.One("agent.coordinates")?.OneOf<BoxCoordinates>() ?? BoxCoordinates.Released,
                keys.One("prompt.system-prompt-file") is null,
                tools.Any(v => v.Text != NoTool),
                keys.One("agent.context")?.Whole(0) is int context and > 0 ? context : null);
        }

        return keys.Values.Keys.FirstOrDefault(k => k.StartsWith("agent.", StringComparison.Ordinal)) is { } lonely
            ? throw keys.PlaceOf(lonely).Error($"{lonely} is of conversations with a tool; {ToolKey} names it: {string.Join(", ", AgentTools.Names)}")
            : null;
    }

    /// <summary>The cells with each tool that is named: those with the first keep their names.</summary>
    internal static IReadOnlyList<Cell> Cells(YamlKeys keys, IReadOnlyList<Cell> cells)
    {
        if (!keys.Values.TryGetValue(ToolKey, out var named))
        {
            return cells;
        }

        string[] tools = [.. named.Select(v => v.OneOf(AgentTools.Names)).Distinct()];
        return [.. tools.SelectMany((tool, i) => cells.Select(c => c with { Id = i == 0 ? c.Id : $"{c.Id} tool={tool}", Tool = tool }))];
    }

    /// <summary>What the agent of a cell is told.</summary>
    internal AgentPrompt Prompt(RunConfig config, Cell cell) => Prompt(cell.Tool!, config.SystemPrompt, config.PromptTemplate);

    /// <summary>What an agent is told.</summary>
    /// <param name="name">Its tool.</param>
    /// <param name="system">The system message of the user's, or null.</param>
    /// <param name="template">The template of the user's, or null for our own.</param>
    internal AgentPrompt Prompt(string name, string? system, string? template)
    {
        var tool = AgentTools.Get(name, Coordinates);
        return new AgentPrompt(
            tool,
            OwnSystem ? AgentPrompt.DefaultSystem(tool) : tool is null && HasTool ? null : system,
            PromptTemplate.Parse(template ?? AgentPrompt.DefaultTemplate(tool)));
    }

    /// <summary>The bounds of its conversations.</summary>
    /// <param name="maxNewTokens">The most new tokens of a turn.</param>
    /// <param name="limits">Limits on the area of pictures.</param>
    /// <param name="positions">The positions that the checkpoint was made for.</param>
    internal AgentSettings Bounds(int maxNewTokens, PixelLimits limits, int positions) => new()
    {
        Turns = Turns,
        MaxNewTokens = maxNewTokens,
        ContextTokens = Context ?? positions,
        Limits = limits,
        Stop = Stop,
    };

    /// <summary>A text that is equal exactly where answers are determined alike.</summary>
    internal string Canonical(RunConfig config, Cell cell)
    {
        var prompt = Prompt(config, cell);
        return FormattableString.Invariant(
            $"agent {cell.Tool} {Turns} {ConfigValue.Kebab(Stop)} {ConfigValue.Kebab(Coordinates)} {Context}\0{prompt.System}\0{config.PromptTemplate ?? AgentPrompt.DefaultTemplate(prompt.Tool)}");
    }
}
