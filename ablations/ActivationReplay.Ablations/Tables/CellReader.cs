using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Reports;

namespace ActivationReplay.Ablations.Tables;

/// <summary>Reads a measure of a cell from the tables of its run: accuracy from cells.csv, pass@k from passk.csv.</summary>
/// <param name="k">The k of pass@k; null is accuracy, the mean score where answers are graded.</param>
internal sealed class CellReader(int? k)
{
    /// <summary>The measure's name.</summary>
    public string Measure => k is { } answers ? FormattableString.Invariant($"pass@{answers}") : "accuracy";

    /// <summary>A cell's line of the joined table. Its row and benchmark are the caller's.</summary>
    /// <param name="empty">The line without numbers.</param>
    /// <param name="run">The run.</param>
    /// <param name="cell">One of its cells.</param>
    public JoinedCell Read(JoinedCell empty, TableRun run, Cell cell)
    {
        var named = empty with { Run = run.Name, Cell = cell.Id };
        if (run.Report.Cells.FirstOrDefault(c => c.Cell == cell.Id) is not { } row || row.Questions == 0)
        {
            return named with { Missing = $"'{cell.Id}' has no answer in {run.Name}" };
        }

        var counted = named with
        {
            Questions = row.Questions,
            Answers = row.Answers,
            Errors = row.Errors,
            Unparsed = row.Unparsed,
            IsComplete = run.Unfinished is null && row.Errors == 0,
        };
        return k is { } answers ? Pass(counted, run, answers) : Accuracy(counted, run, row);
    }

    private static JoinedCell Accuracy(JoinedCell counted, TableRun run, CellRow row)
    {
        var published = run.Config.Published?.Of(row.Settings.Method, row.Settings.Tool);
        return counted with
        {
            Value = row.Accuracy,
            Low = row.AccuracyLow,
            High = row.AccuracyHigh,
            Gain = row.ToRlvr?.Difference,
            GainLow = row.ToRlvr?.Low,
            GainHigh = row.ToRlvr?.High,
            GainP = row.ToRlvr?.Corrected,
            Published = published,
            PublishedGain = row.Settings.Method == "none" ? null : published - run.Config.Published?.Chosen()?.Rlvr,
        };
    }

    private static JoinedCell Pass(JoinedCell counted, TableRun run, int answers)
    {
        var passes = run.Report.Passes.Where(p => p.Cell == counted.Cell).ToList();
        return passes.Find(p => p.K == answers) is { } pass
            ? counted with
            {
                Value = pass.Pass,
                Low = pass.Low,
                High = pass.High,
                Gain = pass.RlvrDifference,
                GainLow = pass.RlvrLow,
                GainHigh = pass.RlvrHigh,
            }
            : counted with
            {
                Missing = FormattableString.Invariant($"pass@{answers} needs {answers} answers a question, and '{counted.Cell}' has {passes.Select(p => p.K).DefaultIfEmpty(0).Max()} in {run.Name}"),
            };
    }
}
