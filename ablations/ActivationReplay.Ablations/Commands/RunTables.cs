using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Runs;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary>A report as a table on the console.</summary>
internal static class RunTables
{
    private static readonly string[] Columns =
        ["cell", "n", "accuracy [[95%]]", "to RLVR [[95%]]", "Holm p", "loss, first → last", "tokens", "prepare, s", "answer, s", "unparsed", "errors"];

    public static void Print(RunReport report, RunConfig config, string folder)
    {
        var published = report.Published.ToDictionary(p => p.Cell);
        var table = new Table();
        foreach (var name in Columns)
        {
            table.AddColumn(new TableColumn(name).NoWrap());
        }

        if (published.Count > 0)
        {
            table.AddColumn(new TableColumn("published").NoWrap()).AddColumn(new TableColumn("own − published").NoWrap());
        }

        foreach (var cell in report.Cells)
        {
            List<string> row =
            [
                cell.Cell == "none" ? "none (RLVR alone)" : Markup.Escape(cell.Cell),
                Text($"{cell.Questions}"),
                Text($"{cell.Accuracy:0.000} [[{cell.AccuracyLow:0.000}, {cell.AccuracyHigh:0.000}]]"),
                cell.ToRlvr is not { } to ? "" : Text($"{to.Difference:+0.000;-0.000;0.000} [[{to.Low:+0.000;-0.000;0.000}, {to.High:+0.000;-0.000;0.000}]]"),
                Text($"{cell.ToRlvr?.Corrected:0.000}"),
                cell.LossFirst is null ? "" : Text($"{cell.LossFirst:0.00000} → {cell.LossLast:0.00000}"),
                Text($"{cell.NewTokens:0.0}"),
                Text($"{cell.Times.Vision + cell.Times.Recording + cell.Times.Loop:0.000}"),
                Text($"{cell.Times.Prefill + cell.Times.Decode:0.000}"),
                Text($"{cell.Unparsed}"),
                Text($"{cell.Errors}"),
            ];
            if (published.Count > 0)
            {
                var beside = published.GetValueOrDefault(cell.Cell);
                row.Add(Text($"{beside?.Published:0.000}"));
                row.Add(Text($"{beside?.Difference:+0.000;-0.000;0.000}"));
            }

            table.AddRow([.. row]);
        }

        CommandLine.Output.Write(table);
        foreach (var sentence in RunFindings.Of(config, report))
        {
            CommandLine.Output.WriteLine(sentence);
        }

        if (config.Published is { } figures)
        {
            CommandLine.Output.WriteLine(figures.Benchmark is { } benchmark
                ? $"published: {benchmark}{(figures.Source is { } source ? $", {source}" : "")}.{(figures.Note is { } note ? $" {note}" : "")}"
                : $"published numbers: name the benchmark with --benchmark, one of {string.Join(", ", figures.Numbers.Select(n => n.Benchmark))}.");
        }

        CommandLine.Output.WriteLine($"report.html, summary.md, plots, CSV tables and the journal are in {folder}");
        if (RunPage.Note is { } fonts)
        {
            CommandLine.Output.MarkupLineInterpolated($"[yellow]note:[/] {fonts}");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
