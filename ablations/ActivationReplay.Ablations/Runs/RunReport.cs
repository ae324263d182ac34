using ActivationReplay.Ablations.Configuration;

namespace ActivationReplay.Ablations.Runs;

/// <summary>The tables of a run, made from its journal; they can be made again at any time.</summary>
/// <param name="Cells">A line a cell.</param>
/// <param name="Passes">A line a cell and k.</param>
/// <param name="Samples">A line an answer.</param>
/// <param name="Losses">A line a step.</param>
public sealed record RunReport(
    IReadOnlyList<CellRow> Cells, IReadOnlyList<PassAtKRow> Passes, IReadOnlyList<SampleRow> Samples, IReadOnlyList<LossRow> Losses)
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
            CellRow.All(config, byCell),
            PassesOf(config, byCell),
            [.. sorted.Select(e => e.Row)],
            [.. sorted.SelectMany(e => e.Losses.Select((loss, step) => new LossRow(e.Row.Cell, e.Row.Sample, step, loss)))]);
    }

    /// <summary>Writes cells.csv, passk.csv, samples.csv and losses.csv.</summary>
    public void Write(string folder)
    {
        CsvTable.Write(Path.Combine(folder, "cells.csv"), Cells);
        CsvTable.Write(Path.Combine(folder, "passk.csv"), Passes);
        CsvTable.Write(Path.Combine(folder, "samples.csv"), Samples);
        CsvTable.Write(Path.Combine(folder, "losses.csv"), Losses);
    }

    private static List<PassAtKRow> PassesOf(RunConfig config, ILookup<string, SampleRow> rows)
    {
        var scores = config.Cells.ToDictionary(c => c.Id, c => new QuestionScores(rows[c.Id]));
        return [.. config.Cells.SelectMany(c => PassAtKRow.Of(c.Id, scores[c.Id], Other(c, "none"), Other(c, "base")))];

        QuestionScores? Other(Cell cell, string reference) => cell.Id == reference ? null : scores.GetValueOrDefault(reference);
    }
}
