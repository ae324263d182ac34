using ActivationReplay.Evaluation.Statistics;

namespace ActivationReplay.Ablations.Tables;

/// <summary>
/// The differences to RLVR alone of cells that stand in several runs, of other pairs or on other questions, pooled by
/// <see cref="RandomEffects"/>. A cell is known by its name, since pairs have settings of their own.
/// </summary>
/// <param name="Measure">What the differences are of.</param>
/// <param name="Cells">The cells, each with its runs.</param>
/// <param name="Notes">What is to be known, in sentences.</param>
internal sealed record PooledRuns(string Measure, IReadOnlyList<(PooledCell Cell, IReadOnlyList<PooledRun> Runs)> Cells, IReadOnlyList<string> Notes)
{
    // Standard errors on either side of a 95% interval.
    private const double Deviations = 1.959964;

    /// <summary>Pools runs.</summary>
    /// <param name="runs">In the order in which they are named.</param>
    /// <param name="k">pass@k in place of the accuracy.</param>
    /// <exception cref="ArgumentException">No cell stands in two runs that can be pooled.</exception>
    public static PooledRuns Of(IReadOnlyList<TableRun> runs, int? k)
    {
        var reader = new CellReader(k);
        var notes = new JoinNotes();
        var pooled = new List<(PooledCell Cell, IReadOnlyList<PooledRun> Runs)>();
        foreach (var name in runs.SelectMany(r => r.Config.Cells).Where(c => c.Method.Id != "none").Select(c => c.Id).Distinct())
        {
            var studies = Studies(name, runs, reader, notes);
            if (studies.Count > 1)
            {
                foreach (var same in studies.Where(s => s.IsSame))
                {
                    notes.Add(FormattableString.Invariant($"'{name}' differs from RLVR alone on no question of {same.Run.Name}; its standard error is taken as 1 / ({same.Cell.Questions} + 2)"));
                }

                notes.Settings(name, [.. studies.Select(s => (s.Run, s.Key))]);
                pooled.Add(Pool(name, reader.Measure, studies));
            }
            else if (studies is [var only])
            {
                notes.Alone(only.Run.Name, name);
            }
        }

        if (pooled.Count == 0)
        {
            throw new ArgumentException(string.Join(
                '\n', ["No cell is compared with RLVR alone in two of these runs, of other pairs or on other questions, so there is nothing to pool.", .. notes.All]));
        }

        var corrected = Holm.Correct([.. pooled.Select(p => p.Cell.P)]);
        notes.Runs(runs, published: false);
        return new PooledRuns(reader.Measure, [.. pooled.Select((p, i) => (p.Cell with { Corrected = corrected[i] }, p.Runs))], notes.All);
    }

    // IsSame: no answer differs from RLVR's, and the error is not the bootstrap's, which would be 0.
    private sealed record Study(TableRun Run, RowKey Key, JoinedCell Cell, double StandardError, bool IsSame);

    // Two runs of one pair on the same questions are no two studies: the first that is named counts.
    private static List<Study> Studies(string name, IReadOnlyList<TableRun> runs, CellReader reader, JoinNotes notes)
    {
        var found = new List<Study>();
        foreach (var run in runs)
        {
            if (run.Config.Cells.FirstOrDefault(c => c.Id == name) is not { } cell)
            {
                continue;
            }

            var key = RowKey.Of(run.Config, cell);
            var line = reader.Read(
                new JoinedCell { Pair = run.PairName, Row = name, Method = key.Method, Settings = key.Text, Benchmark = run.BenchmarkName, Measure = reader.Measure }, run, cell);
            if (line is not { Gain: { } gain, GainLow: { } low, GainHigh: { } high, Questions: { } questions } || !double.IsFinite(gain))
            {
                notes.Add(line.Missing ?? $"'{name}' is not compared with RLVR alone in {run.Name}");
            }
            else if (found.Find(s => s.Run.PairKey == run.PairKey && (s.Run.Source == run.Source || s.Run.AsksAs(run))) is { } first)
            {
                notes.Add($"'{name}' in {run.Name} is of the same pair and questions as in {first.Run.Name}, which was named first and counts");
            }
            else
            {
                // Where it would be 0, as Agresti and Min (Statistics in Medicine 24, 2005) have it: half a question added to each of a matched pair's four counts.
                var isSame = high <= low && gain == 0;
                var error = isSame ? 1.0 / (questions + 2) : (high - low) / (2 * Deviations);
                found.Add(new Study(run, key, isSame ? line with { GainLow = gain - (Deviations * error), GainHigh = gain + (Deviations * error) } : line, error, isSame));
            }
        }

        return found;
    }

    private static (PooledCell Cell, IReadOnlyList<PooledRun> Runs) Pool(string name, string measure, List<Study> studies)
    {
        var effects = RandomEffects.Of([.. studies.Select(s => new StudyEffect(s.Cell.Gain!.Value, s.StandardError))]);
        var cell = new PooledCell
        {
            Cell = name,
            Method = studies[0].Cell.Method,
            Measure = measure,
            Runs = studies.Count,
            Pairs = studies.DistinctBy(s => s.Run.PairKey).Count(),
            Questions = studies.Sum(s => s.Cell.Questions!.Value),
            Difference = effects.Mean.Mean,
            Low = effects.Mean.Low,
            High = effects.Mean.High,
            StandardError = effects.StandardError,
            P = effects.P,
            TauSquared = effects.TauSquared,
            ISquared = effects.ISquared,
            Q = effects.Q,
            HeterogeneityP = effects.HeterogeneityP,
        };
        return (cell,
        [
            .. studies.Zip(effects.Weights, (s, weight) => new PooledRun
            {
                Cell = name,
                Run = s.Run.Name,
                Pair = s.Cell.Pair,
                Benchmark = s.Cell.Benchmark,
                Settings = s.Cell.Settings,
                Questions = s.Cell.Questions!.Value,
                Difference = s.Cell.Gain!.Value,
                Low = s.Cell.GainLow!.Value,
                High = s.Cell.GainHigh!.Value,
                StandardError = s.StandardError,
                Weight = weight,
                IsComplete = s.Cell.IsComplete,
            }),
        ]);
    }
}
