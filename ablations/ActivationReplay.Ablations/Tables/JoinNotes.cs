using ActivationReplay.Ablations.Reports;

namespace ActivationReplay.Ablations.Tables;

/// <summary>The sentences below a joined table: what is missing, unfinished, or measured in other ways.</summary>
internal sealed class JoinNotes
{
    private readonly List<string> sentences = [];
    private readonly Dictionary<(string Runs, string Benchmark), List<string>> lacking = [];
    private readonly Dictionary<string, List<string>> alone = [];

    /// <summary>All, each once.</summary>
    public IReadOnlyList<string> All =>
    [
        .. lacking.Select(l => $"{l.Key.Runs} ({l.Key.Benchmark}) lacks {string.Join("; ", l.Value)}.")
            .Concat(sentences)
            .Concat(alone.Select(a => $"Not pooled, since {a.Key} alone has them: {string.Join("; ", a.Value)}.")).Distinct(),
    ];

    /// <summary>Adds a sentence without its full stop.</summary>
    public void Add(string sentence) => sentences.Add(sentence + ".");

    /// <summary>A row that runs of a benchmark do not have.</summary>
    public void Lacks(string runs, JoinedCell cell)
    {
        var key = (runs, cell.Benchmark);
        lacking.TryAdd(key, []);
        lacking[key].Add($"'{cell.Row}'");
    }

    /// <summary>A cell that one run alone has, so that it cannot be pooled.</summary>
    public void Alone(string run, string cell)
    {
        alone.TryAdd(run, []);
        alone[run].Add($"'{cell}'");
    }

    /// <summary>Runs that have other numbers of what one was taken of.</summary>
    public void Differ(JoinedCell chosen, IReadOnlyList<JoinedCell> others)
    {
        foreach (var other in others)
        {
            Add($"'{chosen.Row}' on {chosen.Benchmark} is {Numbers.Percent(chosen.Value)} in {chosen.Run}, which was named first and counts, and {Numbers.Percent(other.Value)} in {other.Run}");
        }
    }

    /// <summary>What a pair's runs lack, and how they differ.</summary>
    public void Pair(string pair, IReadOnlyList<TableRun> runs, IReadOnlyList<string> absent)
    {
        if (absent.Count > 0)
        {
            Add($"{pair} has no run of {string.Join(", ", absent)}");
        }

        Say("dtype", r => r.Config.Pair.Dtype);
        Say("max-new-tokens", r => Numbers.Whole(r.Config.Generation.MaxNewTokens));
        Say("answers a question", r => Numbers.Whole(r.Config.Generation.Samples));

        void Say(string name, Func<TableRun, string> value)
        {
            var values = runs.GroupBy(value).ToList();
            if (values.Count > 1)
            {
                Add($"{pair}: {name} is {string.Join("; ", values.Select(v => $"{v.Key} in {string.Join(", ", v.Select(r => r.Name))}"))}");
            }
        }
    }

    /// <summary>How a cell that goes by one name in several runs is set there.</summary>
    public void Settings(string cell, IReadOnlyList<(TableRun Run, RowKey Key)> runs)
    {
        foreach (var name in runs.SelectMany(r => r.Key.Settings).Select(s => s.Name).Distinct())
        {
            var values = runs.GroupBy(r => r.Key.Settings.Where(s => s.Name == name).Select(s => s.Value).FirstOrDefault() ?? "absent").ToList();
            if (values.Count > 1)
            {
                Add($"'{cell}': {name} is {string.Join("; ", values.Select(v => $"{v.Key} in {string.Join(", ", v.Select(r => r.Run.Name))}"))}");
            }
        }
    }

    /// <summary>Columns of one name, which are not one benchmark, and columns of several names, which are.</summary>
    public void Benchmarks(IReadOnlyList<BenchmarkColumn> columns)
    {
        foreach (var same in columns.GroupBy(c => c.Runs[0].LongBenchmarkName).Where(s => s.Count() > 1))
        {
            var silent = same.SelectMany(c => c.Runs).Where(r => r.Questions is null).ToList();
            Add($"{string.Join(" and ", same.Select(c => BenchmarkColumn.RunsOf(c.Runs)))} are columns of their own, though their questions are both called {same.Key}: "
                + (silent.Count == 0
                    ? "they are not the same"
                    : $"what {BenchmarkColumn.RunsOf(silent)} asked is not recorded; the command that made it, given again, records it and computes nothing that is there"));
        }

        foreach (var column in columns.Where(c => c.Runs.DistinctBy(r => r.BenchmarkName).Count() > 1))
        {
            Add($"{BenchmarkColumn.RunsOf(column.Runs)} ask the same questions, under the names {string.Join(" and ", column.Runs.Select(r => r.LongBenchmarkName).Distinct())}: they are one column");
        }
    }

    /// <summary>Whether two benchmarks of a pair may take the same questions, so that a mean over them would count these twice.</summary>
    public bool Shared(string pair, IReadOnlyList<BenchmarkColumn> asked)
    {
        var shared = asked.GroupBy(c => c.Runs[0].Source).Where(s => s.Count() > 1).ToList();
        foreach (var source in shared)
        {
            var word = source.All(c => c.Runs[0].IsWholeFile) ? "may share" : "share";
            Add($"{pair} has no average: {string.Join(" and ", source.Select(c => c.Name))} {word} questions");
        }

        return shared.Count > 0;
    }

    /// <summary>What single runs lack.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="published">Whether published numbers would be shown.</param>
    public void Runs(IReadOnlyList<TableRun> runs, bool published)
    {
        foreach (var run in runs)
        {
            if (run.Unfinished is { } far)
            {
                Add($"{run.Name} is unfinished: {far}; its numbers (†) are of the questions answered until now");
            }

            foreach (var cell in run.Report.Cells.Where(c => c.Errors > 0))
            {
                Add(FormattableString.Invariant($"{run.Name}: error rows of '{cell.Cell}': {cell.Errors}; its numbers (†) are of the other answers ({cell.Answers}; questions: {cell.Questions})"));
            }

            if (published && run.Config.Published is { } figures)
            {
                Add(figures.Benchmark is { } benchmark
                    ? $"Published numbers of {benchmark} are from {figures.Source ?? "the configuration"}{(figures.Note is { } note ? $": {note.TrimEnd('.')}" : "")}"
                    : $"{run.Name} names no benchmark of its published numbers, so they are left out; run with --benchmark, one of {string.Join(", ", figures.Numbers.Select(n => n.Benchmark))}, names it");
            }
        }
    }

    /// <summary>Rows without an average, where others have one.</summary>
    public void Averages(IReadOnlyList<JoinedRow> rows)
    {
        foreach (var pair in rows.GroupBy(r => r.Pair).Where(p => p.Any(r => r.Average is not null)))
        {
            var without = pair.Where(r => r.Average is null).Select(r => $"'{r.Label}'").ToList();
            if (without.Count > 0)
            {
                Add($"No average of {string.Join("; ", without)}: averages are over all benchmarks that {pair.Key} has a run of, and a value is missing");
            }
        }
    }
}
