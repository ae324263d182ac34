namespace ActivationReplay.Ablations.Tables;

/// <summary>
/// The mean of a row over benchmarks, each counting the same. Benchmarks are independent; the interval is recovered from theirs:
/// mean ∓ √Σ(value − end)² / n (MOVER: Zou and Donner, Statistics in Medicine 27, 2008).
/// </summary>
internal static class MacroAverage
{
    /// <summary>The average; null of fewer than two benchmarks, or where one has no value.</summary>
    /// <param name="cells">The row's line on each benchmark that the pair has a run of.</param>
    public static JoinedCell? Of(IReadOnlyList<JoinedCell> cells)
    {
        if (cells.Count < 2 || !cells.All(c => c.Value is not null))
        {
            return null;
        }

        return cells[0] with
        {
            Benchmark = JoinedCell.AverageName,
            Run = null,
            Cell = null,
            Questions = null,
            Answers = null,
            Errors = null,
            Unparsed = null,
            Value = Mean(c => c.Value),
            Low = End(c => c.Value, c => c.Low, -1),
            High = End(c => c.Value, c => c.High, 1),
            Gain = Mean(c => c.Gain),
            GainLow = End(c => c.Gain, c => c.GainLow, -1),
            GainHigh = End(c => c.Gain, c => c.GainHigh, 1),
            GainP = null,
            Published = Mean(c => c.Published),
            PublishedGain = Mean(c => c.PublishedGain),
            IsComplete = cells.All(c => c.IsComplete),
        };

        double? Mean(Func<JoinedCell, double?> value) => cells.All(c => value(c) is not null) ? cells.Average(value) : null;

        double? End(Func<JoinedCell, double?> value, Func<JoinedCell, double?> end, int side) => Mean(end) is null
            ? null
            : Mean(value) + (side * Math.Sqrt(cells.Sum(c => Math.Pow((value(c) - end(c))!.Value, 2))) / cells.Count);
    }
}
