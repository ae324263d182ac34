using System.Globalization;
using ActivationReplay.Ablations.Power;
using ActivationReplay.Evaluation.Statistics;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary>How long a question of all cells takes.</summary>
/// <param name="Seconds">In seconds.</param>
/// <param name="Basis">How that is known, in words.</param>
internal sealed record QuestionTime(double Seconds, string Basis);

/// <summary>What a run can show, for people.</summary>
internal static class PowerTable
{
    /// <summary>Prints what it shows if all cells differ from RLVR as was assumed.</summary>
    public static void Print(PowerPlan plan, DifferenceSpread spread, QuestionTime? time)
    {
        if (!Head(plan))
        {
            return;
        }

        var (share, row) = (spread.Between + spread.Within, plan.Rows[0]);
        Say(plan.IsGraded
            ? (FormattableString)$"assumed: a cell's scores differ from RLVR's by a mean square of {share:0.####} an answer (--discordance; --like RUN takes an earlier run's)"
            : $"assumed: of {100 * share:0.##}% of {(plan.Answers == 1 ? "questions" : "answers")} only one of a cell and RLVR is right (--discordance; --like RUN takes an earlier run's)");
        if (plan.Answers > 1)
        {
            Say($"assumed: differences of two answers to a question are correlated by {spread.Between / Math.Max(share, double.Epsilon):0.##} (--correlation), so that {plan.Answers} answers leave a mean square of {row.Spread.MeanSquare:0.####}");
        }

        Say($"smallest difference to RLVR alone: {Difference(row.Smallest)} at the first step of Holm's correction (5%/{plan.Rows.Count}), the strictest; {Difference(row.SmallestAlone)} without correction");
        Needed(plan, time);
    }

    /// <summary>Prints what it shows if its cells differ from RLVR as those of an earlier run did.</summary>
    public static void Print(PowerPlan plan, string run, int questions, bool isUnchecked, QuestionTime? time)
    {
        if (!Head(plan))
        {
            return;
        }

        Say($"differences to RLVR alone as in {run}, on {questions} questions{(isUnchecked ? "; whether it is of the same pair was not looked at, the checkpoints are not there" : "")}");
        var table = new Table().AddColumn("cell").AddColumn("as").AddColumn(plan.Answers == 1 && !plan.IsGraded ? "questions that differ" : "mean square");
        var titles = new[] { Text($"smallest, Holm's first step (5%/{plan.Rows.Count})"), "smallest, uncorrected" }
            .Concat(plan.Wanted is { } wanted ? [Text($"questions for {wanted:0.####}, Holm"), "uncorrected"] : Array.Empty<string>());
        foreach (var title in titles)
        {
            table.AddColumn(new TableColumn(title).RightAligned());
        }

        foreach (var row in plan.Rows)
        {
            var texts = new[]
            {
                row.Cell.Id, row.Spread.Source, plan.Answers == 1 && !plan.IsGraded ? Text($"{100 * row.Spread.MeanSquare:0.##}%") : Text($"{row.Spread.MeanSquare:0.#####}"),
                Difference(row.Smallest), Difference(row.SmallestAlone),
            }.Concat(plan.Wanted is null ? [] : new[] { Questions(row.Needed), Questions(row.NeededAlone) });
            table.AddRow([.. texts.Select(Markup.Escape)]);
        }

        CommandLine.Output.Write(table);
        Needed(plan, time);
    }

    private static bool Head(PowerPlan plan)
    {
        if (plan.Rows.Count == 0)
        {
            Say($"power: no cell is compared with RLVR alone (none), so there is no difference to show");
            return false;
        }

        var answers = plan.Answers == 1 ? "one answer each" : Text($"{plan.Answers} answers each, of whose mean (pass@1) this is");
        Say($"power: 80%, two-sided, 5% over {plan.Rows.Count} comparison{(plan.Rows.Count == 1 ? "" : "s")} with RLVR alone; {plan.Questions} questions, {answers}");
        return true;
    }

    private static void Needed(PowerPlan plan, QuestionTime? time)
    {
        if (plan.Wanted is not { } wanted)
        {
            return;
        }

        var farthest = plan.Rows.MaxBy(r => r.Needed ?? int.MaxValue)!;
        Say($"a difference of {wanted:0.####} needs {Questions(farthest.Needed)} questions after the correction, {Questions(farthest.NeededAlone)} without{(plan.Rows.Any(r => r.Spread != farthest.Spread) ? $", for '{farthest.Cell.Id}' most" : "")}{Time(farthest, time)}");
    }

    private static string Time(PowerRow row, QuestionTime? time) => time is not { } t
        ? "; validate says how long they take"
        : row.Needed is not { } needed ? ""
        : $"; {Duration(needed * t.Seconds)} and {Duration((row.NeededAlone ?? needed) * t.Seconds)} {t.Basis}";

    private static string Duration(double seconds) => Durations.Text(TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.MaxValue.TotalSeconds / 2)));

    private static string Difference(double? value) => value is { } v ? Text($"{v:0.0000}") : "none";

    private static string Questions(int? count) => count is { } c ? Text($"{c}") : "over a hundred million";

    private static void Say(FormattableString text) => CommandLine.Output.WriteLine(Text(text));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
