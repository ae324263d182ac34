using ActivationReplay.Ablations.Configuration;

namespace ActivationReplay.Ablations.Runs;

/// <summary>The tables of a run, made from its journal; they can be made again at any time.</summary>
/// <param name="Cells">A line a cell.</param>
/// <param name="Samples">A line an answer.</param>
/// <param name="Losses">A line a step.</param>
public sealed record RunReport(IReadOnlyList<CellRow> Cells, IReadOnlyList<SampleRow> Samples, IReadOnlyList<LossRow> Losses)
{
    /// <summary>Rows in the order of cells, samples and repetitions, whatever the order in which they were computed.</summary>
    /// <param name="config">The run.</param>
    /// <param name="entries">Its journal.</param>
    public static RunReport Of(RunConfig config, IEnumerable<JournalEntry> entries)
    {
        var order = config.Cells.Index().ToDictionary(c => c.Item.Id, c => c.Index);
        var sorted = entries.Where(e => order.ContainsKey(e.Row.Cell))
            .OrderBy(e => e.Place)
            .ThenBy(e => order[e.Row.Cell])
            .ThenBy(e => e.Row.Repetition)
            .ToList();
        var byCell = sorted.Select(e => e.Row).ToLookup(r => r.Cell);
        return new RunReport(
            [
                .. config.Cells.Select(cell => CellRow.Summarise(
                    cell.Id, [.. byCell[cell.Id]], [.. byCell["none"]], SettingColumns.Of(config, cell), config.Generation.Seed)),
            ],
            [.. sorted.Select(e => e.Row)],
            [.. sorted.SelectMany(e => e.Losses.Select((loss, step) => new LossRow(e.Row.Cell, e.Row.Sample, step, loss)))]);
    }

    /// <summary>Writes cells.csv, samples.csv and losses.csv.</summary>
    public void Write(string folder)
    {
        CsvTable.Write(Path.Combine(folder, "cells.csv"), Cells);
        CsvTable.Write(Path.Combine(folder, "samples.csv"), Samples);
        CsvTable.Write(Path.Combine(folder, "losses.csv"), Losses);
    }
}
