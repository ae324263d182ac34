using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Reports;

/// <summary>How many answers the tables in a run's folder are of, whatever became of its journal.</summary>
/// <param name="Done">Answers without an error.</param>
/// <param name="Failed">Error rows; each stands for all repetitions.</param>
internal sealed record StoredTables(long Done, long Failed)
{
    /// <summary>Counts samples.csv, or cells.csv where that has more or is the only one.</summary>
    /// <returns>Null where there is neither, or not an answer in them.</returns>
    /// <exception cref="InvalidDataException">A table is damaged.</exception>
    public static StoredTables? Read(string folder)
    {
        var cells = Rows<CellRow>(folder, RunReport.CellsFile);
        var samples = Answers(folder);
        StoredTables[] both =
        [
            new(cells.Sum(c => (long)c.Answers), cells.Sum(c => (long)c.Errors)),
            new(samples.LongCount(s => string.IsNullOrEmpty(s.Error)), samples.LongCount(s => !string.IsNullOrEmpty(s.Error))),
        ];
        var most = both.MaxBy(t => t.Done + t.Failed)!;
        return most is { Done: 0, Failed: 0 } ? null : most;
    }

    /// <summary>The answers of samples.csv.</summary>
    public static IReadOnlyList<SampleRow> Answers(string folder) => Rows<SampleRow>(folder, RunReport.SamplesFile);

    /// <summary>A run as its tables tell it: cells, pass@k and published numbers; single answers and losses are left out.</summary>
    public static RunReport Report(string folder) => new(
        Cells(Rows<CellRow>(folder, RunReport.CellsFile)),
        Rows<PassAtKRow>(folder, RunReport.PassesFile),
        [],
        [])
    {
        Published = Rows<PublishedRow>(folder, RunReport.PublishedFile),
        Agents = [.. Rows<AgentRow>(folder, RunReport.AgentsFile).Select(a => a with { ToNoTool = a.ToNoTool is { Difference: not null } to ? to : null })],
        Categories = [.. Rows<CategoryRow>(folder, RunReport.CategoriesFile).Select(c => c with { ToRlvr = c.ToRlvr is { Difference: not null } to ? to : null })],
    };

    /// <summary>Whether they are of more answers than a report: written over them, it would lose some.</summary>
    /// <param name="report">Tables made of the journal.</param>
    /// <param name="samples">Answers a question.</param>
    public bool HoldMoreThan(RunReport report, int samples)
    {
        var failed = report.Samples.LongCount(s => s.Error is not null);
        var done = report.Samples.Count - failed;

        // A question that failed and was put right has its answers in place of its error row.
        return done < Done || done + (failed * samples) < Done + (Failed * samples);
    }

    // A comparison that is empty is none; what an earlier version left out is recovered.
    private static IReadOnlyList<CellRow> Cells(IReadOnlyList<CellRow> rows)
    {
        var (toRlvr, toBase) = (Compared(c => c.ToRlvr), Compared(c => c.ToBase));
        return [.. rows.Select((c, i) => c with { ToRlvr = toRlvr[i], ToBase = toBase[i] })];

        IReadOnlyList<CellComparison?> Compared(Func<CellRow, CellComparison?> of)
        {
            CellComparison?[] all = [.. rows.Select(c => of(c) is { Difference: not null } to ? to.Recovered(c.Questions, c.Answers) : null)];
            var tests = all.Count(c => c is not null);
            return [.. all.Select((to, i) => to is null || of(rows[i])!.MeanSquare is not null ? to : to with { Detectable = to.Smallest(tests) })];
        }
    }

    private static IReadOnlyList<T> Rows<T>(string folder, string name) =>
        Path.Combine(folder, name) is var path && File.Exists(path) ? CsvTable.Read<T>(path) : [];
}
