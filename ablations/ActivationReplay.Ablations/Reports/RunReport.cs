using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Files;

namespace ActivationReplay.Ablations.Reports;

/// <summary>The tables of a run, made from its journal; they can be made again at any time.</summary>
/// <param name="Cells">A line a cell.</param>
/// <param name="Passes">A line a cell and k.</param>
/// <param name="Samples">A line an answer.</param>
/// <param name="Losses">A line a step.</param>
public sealed record RunReport(
    IReadOnlyList<CellRow> Cells, IReadOnlyList<PassAtKRow> Passes, IReadOnlyList<SampleRow> Samples, IReadOnlyList<LossRow> Losses)
{
    /// <summary>Name of the table of cells.</summary>
    internal const string CellsFile = "cells.csv";

    /// <summary>Name of the table of pass@k.</summary>
    internal const string PassesFile = "passk.csv";

    /// <summary>Name of the table of answers.</summary>
    internal const string SamplesFile = "samples.csv";

    /// <summary>Name of the table of published numbers.</summary>
    internal const string PublishedFile = "published.csv";

    /// <summary>Name of the table of conversations.</summary>
    internal const string AgentsFile = "agents.csv";

    /// <summary>Name of the table of categories.</summary>
    internal const string CategoriesFile = "categories.csv";

    private const string LossesFile = "losses.csv";
    private const string SummaryFile = "summary.md";

    /// <summary>The names of the files that <see cref="Write"/> writes.</summary>
    internal static IReadOnlyList<string> Files => [CellsFile, PassesFile, SamplesFile, LossesFile, PublishedFile, AgentsFile, CategoriesFile, SummaryFile];

    /// <summary>A line a cell that others published a number of; empty where no benchmark was named.</summary>
    public IReadOnlyList<PublishedRow> Published { get; init; } = [];

    /// <summary>A line a cell of conversations; empty where there are none.</summary>
    public IReadOnlyList<AgentRow> Agents { get; init; } = [];

    /// <summary>A line a cell and category, of conversations and of graded answers; empty where there are none.</summary>
    public IReadOnlyList<CategoryRow> Categories { get; init; } = [];

    /// <summary>Rows in the order of cells, samples and repetitions, whatever the order in which they were computed.</summary>
    /// <param name="config">The run.</param>
    /// <param name="entries">Its journal.</param>
    public static RunReport Of(RunConfig config, IEnumerable<JournalEntry> entries)
    {
        var sorted = Sorted(config, entries);
        var byCell = sorted.Select(e => e.Row).ToLookup(r => r.Cell);
        var cells = CellRow.All(config, byCell);
        return new RunReport(
            cells,
            PassesOf(config, byCell),
            [.. sorted.Select(e => e.Row)],
            [.. sorted.SelectMany(e => e.Losses.Select((loss, step) => new LossRow(e.Row.Cell, e.Row.Sample, step, loss)))])
        {
            Published = PublishedRow.All(config, cells),
            Agents = AgentRow.All(config, byCell),
            Categories = CategoryRow.All(config, byCell),
        };
    }

    /// <summary>The entries that count, in the order of the tables.</summary>
    internal static IReadOnlyList<JournalEntry> Sorted(RunConfig config, IEnumerable<JournalEntry> entries)
    {
        var order = config.Cells.Index().ToDictionary(c => c.Item.Id, c => c.Index);
        return
        [
            .. Latest(entries.Where(e => order.ContainsKey(e.Row.Cell)))
                .OrderBy(e => e.Index)
                .ThenBy(e => order[e.Row.Cell])
                .ThenBy(e => e.Row.Repetition),
        ];
    }

    /// <summary>
    /// Writes cells.csv, passk.csv, samples.csv, losses.csv, published.csv (where a benchmark was named), agents.csv and
    /// categories.csv (of conversations and graded answers) and, of a folder with run.json, summary.md.
    /// </summary>
    public void Write(string folder)
    {
        CsvTable.Write(Path.Combine(folder, CellsFile), Cells);
        CsvTable.Write(Path.Combine(folder, PassesFile), Passes);
        CsvTable.Write(Path.Combine(folder, SamplesFile), Samples);
        CsvTable.Write(Path.Combine(folder, LossesFile), Losses);
        if (Published.Count > 0)
        {
            CsvTable.Write(Path.Combine(folder, PublishedFile), Published);
        }

        if (Agents.Count > 0)
        {
            CsvTable.Write(Path.Combine(folder, AgentsFile), Agents);
        }

        if (Categories.Count > 0)
        {
            CsvTable.Write(Path.Combine(folder, CategoriesFile), Categories);
        }

        if (File.Exists(RunFolder.Manifest(folder)))
        {
            AtomicFile.WriteText(Path.Combine(folder, SummaryFile), RunSummary.Of(RunManifest.Read(folder), this));
        }
    }

    // A question that failed and was put right later has lines under both of its keys; so has one whose picture changed.
    private static IEnumerable<JournalEntry> Latest(IEnumerable<JournalEntry> entries) => entries
        .GroupBy(e => (e.Row.Cell, e.Row.Sample, e.Row.Repetition))
        .Select(same => same.LastOrDefault(e => e.Row.Error is null) ?? same.Last());

    private static List<PassAtKRow> PassesOf(RunConfig config, ILookup<string, SampleRow> rows)
    {
        var scores = config.Cells.ToDictionary(c => c.Id, c => new QuestionScores(rows[c.Id]));
        return [.. config.Cells.SelectMany(c => PassAtKRow.Of(c.Id, scores[c.Id], Other(c, "none"), Other(c, "base")))];

        QuestionScores? Other(Cell cell, string reference) => References.Of(config, cell, reference) is { } other ? scores[other.Id] : null;
    }
}
