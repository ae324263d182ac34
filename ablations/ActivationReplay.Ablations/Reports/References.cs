using ActivationReplay.Ablations.Configuration;

namespace ActivationReplay.Ablations.Reports;

/// <summary>The cells that others are compared with.</summary>
internal static class References
{
    /// <summary>The cell of a method that a cell is compared with: that with the same tool. Null where it is the cell itself, or absent.</summary>
    public static Cell? Of(RunConfig config, Cell cell, string method) =>
        config.Cells.FirstOrDefault(c => c.Method.Id == method && c.Tool == cell.Tool) is { } reference && reference.Id != cell.Id ? reference : null;

    /// <summary>The cell with the same method and settings without a tool; null where the cell has none itself, or there is no such cell.</summary>
    public static Cell? WithoutTool(RunConfig config, Cell cell) => cell.Tool is null or AgentConfig.NoTool
        ? null
        : config.Cells.FirstOrDefault(c => c.Tool == AgentConfig.NoTool && c.Method == cell.Method && c.Settings.Equals(cell.Settings));
}
