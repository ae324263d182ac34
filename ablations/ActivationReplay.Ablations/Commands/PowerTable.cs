using System.Globalization;
using ActivationReplay.Ablations.Power;
using ActivationReplay.Evaluation.Statistics;

namespace ActivationReplay.Ablations.Commands;

/// <summary>How long a question of all cells takes.</summary>
/// <param name="Seconds">In seconds.</param>
/// <param name="Basis">How that is known, in words.</param>
internal sealed record QuestionTime(double Seconds, string Basis);

/// <summary>What a run can show, as lines for people.</summary>
internal static class PowerTable
{
    /// <summary>What it shows if all cells differ from RLVR as was assumed.</summary>
    public static IEnumerable<string> Lines(PowerPlan plan, DifferenceSpread spread, QuestionTime? time)
    {
        if (plan.Rows.Count == 0)
        {
            return [Nothing];
        }

        var (share, row) = (spread.Between + spread.Within, plan.Rows[0]);
        return
        [
            Head(plan),
            plan.IsGraded
                ? Text($"assumed: a cell's scores differ from RLVR's by a mean square of {share:0.####} an answer (--discordance; --like RUN takes an earlier run's)")
                : Text($"assumed: of {100 * share:0.##}% of {(plan.Answers == 1 ? "questions" : "answers")} only one of a cell and RLVR is right (--discordance; --like RUN takes an earlier run's)"),
            .. plan.Answers == 1 ? [] : new[]
            {
                Text($"assumed: differences of two answers to a question are correlated by {(share > 0 ? spread.Between / share : 0):0.##} (--correlation), so that {plan.Answers} answers leave a mean square of {row.Spread.MeanSquare:0.####}"),
            },
            Text($"smallest difference to RLVR alone: {Difference(row.Smallest)} at the first step of Holm's correction (5%/{plan.Rows.Count}), the strictest; {Difference(row.SmallestAlone)} without correction"),
            .. Needed(plan, time),
        ];
    }

    /// <summary>What it shows if its cells differ from RLVR as those of an earlier run did.</summary>
    /// <param name="plan">What it shows.</param>
    /// <param name="run">The earlier run, as the user calls it.</param>
    /// <param name="questions">The questions that it compared.</param>
    /// <param name="isUnchecked">Whether it could not be looked at whether it is of the same pair.</param>
    /// <param name="time">How long a question takes, or null.</param>
    public static IEnumerable<string> Lines(PowerPlan plan, string run, int questions, bool isUnchecked, QuestionTime? time)
    {
        if (plan.Rows.Count == 0)
        {
            return [Nothing];
        }

        var isShare = plan.Answers == 1 && !plan.IsGraded;
        return
        [
            Head(plan),
            Text($"differences to RLVR alone as in {run}, on {questions} questions{(isUnchecked ? "; whether it is of the same pair was not looked at, the checkpoints are not there" : "")}"),
            .. Aligned(
            [
                ["smallest", "uncorrected", .. plan.Wanted is { } wanted ? [Text($"for {wanted:0.####}"), "uncorrected"] : Array.Empty<string>(), isShare ? "differ" : "mean square", "cell", "as"],
                .. plan.Rows.Select(row => (string[])
                [
                    Difference(row.Smallest), Difference(row.SmallestAlone), .. plan.Wanted is null ? [] : new[] { Questions(row.Needed), Questions(row.NeededAlone) },
                    isShare ? Text($"{100 * row.Spread.MeanSquare:0.##}%") : Text($"{row.Spread.MeanSquare:0.#####}"), row.Cell.Id, row.Spread.Source,
                ]),
            ]),
            Text($"smallest: at the first step of Holm's correction (5%/{plan.Rows.Count}), the strictest"),
            .. Needed(plan, time),
        ];
    }

    private const string Nothing = "power: no cell is compared with RLVR alone (none), so there is no difference to show";

    private static string Head(PowerPlan plan)
    {
        var answers = plan.Answers == 1 ? "one answer each" : Text($"{plan.Answers} answers each, of whose mean (pass@1) this is");
        return Text($"power: 80%, two-sided, 5% over {plan.Rows.Count} comparison{(plan.Rows.Count == 1 ? "" : "s")} with RLVR alone; {plan.Questions} questions, {answers}");
    }

    // Numbers to the right, the last two columns, which are words, to the left.
    private static IEnumerable<string> Aligned(string[][] rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length))];
        return rows.Select(row => string.Join("  ", row.Select((text, c) => c < row.Length - 2 ? text.PadLeft(widths[c]) : text.PadRight(widths[c]))).TrimEnd());
    }

    private static IEnumerable<string> Needed(PowerPlan plan, QuestionTime? time)
    {
        if (plan.Wanted is not { } wanted)
        {
            return [];
        }

        // Of base it is seldom asked.
        var methods = plan.Rows.Where(r => r.Cell.Method.Id != "base").DefaultIfEmpty(plan.Rows[0]).ToList();
        var farthest = methods.MaxBy(r => r.Needed ?? int.MaxValue)!;
        var most = methods.Exists(r => r.Spread.MeanSquare < farthest.Spread.MeanSquare) ? $", for '{farthest.Cell.Id}' most"
            : plan.Rows.Any(r => r.Spread != farthest.Spread) ? $", for '{farthest.Cell.Id}'" : "";
        return [Text($"a difference of {wanted:0.####} needs {Questions(farthest.Needed)} questions after the correction, {Questions(farthest.NeededAlone)} without{most}{Time(farthest, time)}")];
    }

    private static string Time(PowerRow row, QuestionTime? time) => (time, row.Needed) switch
    {
        (null, _) => "; validate says how long they take",
        (_, null) => "",
        ({ } t, { } needed) => $"; {Duration(needed * t.Seconds)} and {Duration((row.NeededAlone ?? needed) * t.Seconds)} {t.Basis}",
    };

    private static string Duration(double seconds) => Durations.Text(TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.MaxValue.TotalSeconds / 2)));

    private static string Difference(double? value) => value is { } v ? Text($"{v:0.0000}") : "none";

    private static string Questions(int? count) => count is { } c ? Text($"{c}") : "over a hundred million";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
