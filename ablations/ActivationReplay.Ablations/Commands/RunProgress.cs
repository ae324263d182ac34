using System.Diagnostics;
using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Execution;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary>Shows a run while it goes: a live table on a terminal, plain lines elsewhere.</summary>
internal static class RunProgress
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    /// <summary>Calls <paramref name="run"/> with a callback that takes the result of each batch.</summary>
    public static void Show(RunConfig config, int questions, Action<Action<BatchResult>> run)
    {
        var watch = Stopwatch.StartNew();
        var tally = new RunTally(config, questions, () => watch.Elapsed);
        if (CommandLine.Output.Profile.Out.IsTerminal && CommandLine.Output.Profile.Capabilities.Ansi)
        {
            ShowTable(CommandLine.Output, tally, run);
        }
        else
        {
            ShowLines(Console.Out, tally, () => watch.Elapsed, run);
        }
    }

    /// <summary>A table that is drawn again after each batch.</summary>
    internal static void ShowTable(IAnsiConsole console, RunTally tally, Action<Action<BatchResult>> run) =>
        console.Live(Table(tally)).Overflow(VerticalOverflow.Ellipsis).Start(live =>
        {
            live.Refresh();
            run(batch =>
            {
                tally.Add(batch);
                live.UpdateTarget(Table(tally));
            });
        });

    /// <summary>A line now and then: after the first batch, the last, and every few seconds between.</summary>
    internal static void ShowLines(TextWriter output, RunTally tally, Func<TimeSpan> elapsed, Action<Action<BatchResult>> run)
    {
        TimeSpan? last = null;
        run(batch =>
        {
            tally.Add(batch);
            if (last is null || tally.Done == tally.Questions || elapsed() - last > BetweenLines)
            {
                last = elapsed();
                output.WriteLine(Line(tally));
                output.Flush();
            }
        });
    }

    private static Table Table(RunTally tally)
    {
        var table = new Table().AddColumn("cell");
        foreach (var name in new[] { "answers", "accuracy so far", "errors" })
        {
            table.AddColumn(new TableColumn(name).RightAligned());
        }

        foreach (var (cell, score, answers, errors) in tally.Cells)
        {
            table.AddRow(Markup.Escape(cell), Text($"{answers}"), Accuracy(score, answers), Text($"{errors}"));
        }

        return table.Caption(State(tally));
    }

    private static string Line(RunTally tally)
    {
        const int Shown = 6;
        var cells = tally.Cells.ToList();
        var accuracy = string.Join("  ", cells.Take(Shown).Select(c => $"{c.Cell} {Accuracy(c.Score, c.Answers)}"));
        return $"{State(tally)}   {accuracy}" + (cells.Count > Shown ? Text($"  (+{cells.Count - Shown} cells)") : "");
    }

    private static string State(RunTally tally) => Text($"{tally.Done}/{tally.Questions} questions")
        + (tally.Rate is { } rate ? Text($", {rate:0.00} a second, {Durations.Text(tally.Left.GetValueOrDefault())} left") : "");

    private static string Accuracy(double score, int answers) => answers == 0 ? "–" : Text($"{score / answers:0.000}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
