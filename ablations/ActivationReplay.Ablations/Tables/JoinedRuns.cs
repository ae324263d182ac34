namespace ActivationReplay.Ablations.Tables;

/// <summary>A row of the joined table.</summary>
/// <param name="Pair">The pair's name.</param>
/// <param name="Label">The row's name.</param>
/// <param name="Cells">A line a benchmark, in the order of the columns.</param>
/// <param name="Average">The mean over the pair's benchmarks, or null.</param>
internal sealed record JoinedRow(string Pair, string Label, IReadOnlyList<JoinedCell> Cells, JoinedCell? Average)
{
    /// <summary>The method.</summary>
    public string Method => Cells[0].Method;
}

/// <summary>Runs joined into one table: pairs are groups of rows, methods with their settings rows, benchmarks columns.</summary>
/// <param name="Measure">What the numbers are.</param>
/// <param name="Benchmarks">The columns.</param>
/// <param name="Rows">The rows, pair after pair.</param>
/// <param name="Notes">What is missing or to be known, in sentences.</param>
internal sealed record JoinedRuns(string Measure, IReadOnlyList<string> Benchmarks, IReadOnlyList<JoinedRow> Rows, IReadOnlyList<string> Notes)
{
    private static readonly string[] s_first = ["base", "none"];

    /// <summary>Joins runs, in the order in which they are named.</summary>
    /// <param name="runs">At least one.</param>
    /// <param name="k">pass@k in place of the accuracy.</param>
    public static JoinedRuns Of(IReadOnlyList<TableRun> runs, int? k)
    {
        var reader = new CellReader(k);
        var benchmarks = BenchmarkColumn.Of(runs);
        var pairs = PairNames(runs);
        var notes = new JoinNotes();
        notes.Benchmarks(benchmarks);
        var rows = new List<JoinedRow>();
        foreach (var pair in runs.GroupBy(r => r.PairKey))
        {
            var own = pair.ToList();
            var asked = benchmarks.Where(b => own.Exists(b.Has)).ToList();
            notes.Pair(pairs[pair.Key], own, [.. benchmarks.Except(asked).Select(b => b.Name)]);
            var shared = notes.Shared(pairs[pair.Key], asked);
            var keys = own.SelectMany(r => r.Config.Cells.Select(c => RowKey.Of(r.Config, c))).Distinct()
                .OrderBy(key => Array.IndexOf(s_first, key.Method) is >= 0 and var place ? place : s_first.Length).ToList();
            foreach (var key in keys)
            {
                var empty = new JoinedCell
                {
                    Pair = pairs[pair.Key],
                    Row = key.Label(keys),
                    Method = key.Method,
                    Settings = key.Text,
                    Benchmark = "",
                    Measure = reader.Measure,
                };
                IReadOnlyList<JoinedCell> cells =
                    [.. benchmarks.Select(b => Cell(empty with { Benchmark = b.Name }, key, [.. own.Where(b.Has)], reader, notes))];
                rows.Add(new JoinedRow(empty.Pair, empty.Row, cells, shared ? null : MacroAverage.Of([.. cells.Where((_, i) => asked.Contains(benchmarks[i]))])));
            }
        }

        notes.Runs(runs, k is null);
        notes.Averages(rows);
        return new JoinedRuns(reader.Measure, [.. benchmarks.Select(b => b.Name)], rows, notes.All);
    }

    // The first run that is named has it; others that have it, too, are compared.
    private static JoinedCell Cell(JoinedCell empty, RowKey key, IReadOnlyList<TableRun> runs, CellReader reader, JoinNotes notes)
    {
        if (runs.Count == 0)
        {
            return empty with { Missing = "no run of this pair" };
        }

        var found = runs.SelectMany(r => r.Config.Cells.Where(c => key.Equals(RowKey.Of(r.Config, c))).Select(c => reader.Read(empty, r, c))).ToList();
        if (found.Count == 0)
        {
            notes.Lacks(string.Join(", ", runs.Select(r => r.Name)), empty);
            return empty with { Missing = $"no such cell in {string.Join(", ", runs.Select(r => r.Name))}" };
        }

        var chosen = found.Find(c => c.Value is not null) ?? found[0];
        notes.Differ(chosen, [.. found.Where(c => c.Value is not null && c.Value != chosen.Value)]);
        if (chosen.Missing is { } missing)
        {
            notes.Add(missing);
        }

        return chosen;
    }

    // Pairs' names by their keys; where two pairs have one name, the start of the fingerprints, too.
    private static Dictionary<string, string> PairNames(IReadOnlyList<TableRun> runs)
    {
        var distinct = runs.DistinctBy(r => r.PairKey).ToList();
        return distinct.ToDictionary(
            r => r.PairKey, r => distinct.Count(o => o.PairName == r.PairName) == 1 ? r.PairName : $"{r.PairName} ({r.PairFingerprint})");
    }
}
