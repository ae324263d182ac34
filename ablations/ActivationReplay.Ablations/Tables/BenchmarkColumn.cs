namespace ActivationReplay.Ablations.Tables;

/// <summary>A benchmark: the runs that ask the same questions.</summary>
/// <param name="Name">What no other column of the table is called.</param>
/// <param name="Runs">The runs, in the order in which they were named.</param>
internal sealed record BenchmarkColumn(string Name, IReadOnlyList<TableRun> Runs)
{
    /// <summary>The columns of a table, in the order in which their first runs are named.</summary>
    public static IReadOnlyList<BenchmarkColumn> Of(IReadOnlyList<TableRun> runs)
    {
        var groups = new List<List<TableRun>>();
        foreach (var run in runs)
        {
            if (groups.Find(g => g.Exists(run.AsksAs)) is { } same)
            {
                same.Add(run);
            }
            else
            {
                groups.Add([run]);
            }
        }

        Func<List<TableRun>, string>[] names = [g => g[0].BenchmarkName, g => g[0].LongBenchmarkName, g => $"{g[0].LongBenchmarkName} ({RunsOf(g)})"];
        return [.. groups.Select(g => new BenchmarkColumn(
            (Array.Find(names, name => groups.Count(o => name(o) == name(g)) == 1) ?? names[^1])(g), g))];
    }

    /// <summary>Whether a run is of this column.</summary>
    public bool Has(TableRun run) => Runs.Any(r => ReferenceEquals(r, run));

    /// <summary>Runs by their names.</summary>
    public static string RunsOf(IEnumerable<TableRun> runs) => string.Join(", ", runs.Select(r => r.Name));
}
