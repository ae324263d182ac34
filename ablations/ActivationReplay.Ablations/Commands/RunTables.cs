using System.Globalization;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Runs;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary>A report as a table on the console.</summary>
internal static class RunTables
{
    private static readonly string[] Columns =
        ["cell", "n", "accuracy [[95%]]", "to RLVR [[95%]]", "loss, first → last", "tokens", "prepare, s", "generate, s", "errors", "diverged"];

    public static void Print(RunReport report, string folder)
    {
        var table = new Table();
        foreach (var name in Columns)
        {
            table.AddColumn(new TableColumn(name).NoWrap());
        }

        foreach (var cell in report.Cells)
        {
            table.AddRow(
                cell.Cell == "none" ? "none (RLVR alone)" : Markup.Escape(cell.Cell),
                Text($"{cell.Questions}"),
                Text($"{cell.Accuracy:0.000} [[{cell.AccuracyLow:0.000}, {cell.AccuracyHigh:0.000}]]"),
                cell.ToRlvr is not { } to ? "" : Text($"{to.Difference:+0.000;-0.000} [[{to.Low:+0.000;-0.000}, {to.High:+0.000;-0.000}]]"),
                cell.LossFirst is null ? "" : Text($"{cell.LossFirst:0.00000} → {cell.LossLast:0.00000}"),
                Text($"{cell.NewTokens:0.0}"),
                Text($"{cell.Times.Vision + cell.Times.Recording + cell.Times.Loop:0.000}"),
                Text($"{cell.Times.Prefill + cell.Times.Decode:0.000}"),
                Text($"{cell.Errors}"),
                Text($"{cell.Diverged}"));
        }

        CommandLine.Output.Write(table);
        CommandLine.Output.WriteLine($"report.html, plots, journal.jsonl and CSV tables are in {folder}");
        if (RunPage.Note is { } note)
        {
            CommandLine.Output.MarkupLineInterpolated($"[yellow]note:[/] {note}");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
