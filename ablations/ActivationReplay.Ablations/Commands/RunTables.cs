using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary>A report as a table on the console.</summary>
internal static class RunTables
{
    // Narrower, a row of everything does not fit.
    private const int WideEnough = 150;

    private static readonly IReadOnlyList<(string Title, bool IsEssential, Func<CellRow, string> Text)> Columns =
    [
        ("cell", true, c => c.Cell == "none" ? "none (RLVR alone)" : Markup.Escape(c.Cell)),
        ("n", true, c => Text($"{c.Questions}")),
        ("accuracy [[95%]]", true, c => Text($"{c.Accuracy:0.000} [[{c.AccuracyLow:0.000}, {c.AccuracyHigh:0.000}]]")),
        ("to RLVR [[95%]]", true, c => c.ToRlvr is not { } to
            ? ""
            : Text($"{to.Difference:+0.000;-0.000;0.000} [[{to.Low:+0.000;-0.000;0.000}, {to.High:+0.000;-0.000;0.000}]]")),
        ("Holm p", false, c => Text($"{c.ToRlvr?.Corrected:0.000}")),
        ("loss, first → last", false, c => c.LossFirst is null ? "" : Text($"{c.LossFirst:0.00000} → {c.LossLast:0.00000}")),
        ("tokens", false, c => Text($"{c.NewTokens:0.0}")),
        ("prepare, s", false, c => Text($"{c.Times.Vision + c.Times.Recording + c.Times.Loop:0.000}")),
        ("answer, s", false, c => Text($"{c.Times.Prefill + c.Times.Decode:0.000}")),
        ("unparsed", false, c => Text($"{c.Unparsed}")),
        ("errors", true, c => Text($"{c.Errors}")),
    ];

    /// <summary>Prints it.</summary>
    /// <param name="report">The tables.</param>
    /// <param name="config">The run.</param>
    /// <param name="folder">Where its files are.</param>
    /// <param name="name">What the user calls that; null where it is the folder.</param>
    public static void Print(RunReport report, RunConfig config, string folder, string? name = null)
    {
        var published = report.Published.ToDictionary(p => p.Cell);
        var columns = Columns.Where(c => c.IsEssential || CommandLine.Output.Profile.Width >= WideEnough).ToList();
        if (published.Count > 0)
        {
            columns.Add(("published", true, c => Text($"{published.GetValueOrDefault(c.Cell)?.Published:0.000}")));
            columns.Add(("own − published", true, c => Text($"{published.GetValueOrDefault(c.Cell)?.Difference:+0.000;-0.000;0.000}")));
        }

        // Where there is room, the names of cells alone may take a second line.
        var isWide = CommandLine.Output.Profile.Width >= WideEnough;
        var table = new Table();
        foreach (var (title, _, _) in columns)
        {
            table.AddColumn(new TableColumn(title) { NoWrap = isWide && title != "cell" });
        }

        foreach (var cell in report.Cells)
        {
            table.AddRow([.. columns.Select(c => c.Text(cell))]);
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

        CommandLine.Output.WriteLine($"{(File.Exists(Path.Combine(folder, RunPage.FileName)) ? $"{RunPage.FileName}, " : "")}summary.md, plots{(File.Exists(RunFolder.Journal(folder)) ? ", CSV tables and the journal" : " and CSV tables")} are in {name ?? folder}");
        if (RunPage.Note is { } fonts)
        {
            CommandLine.Output.MarkupLineInterpolated($"[yellow]note:[/] {fonts}");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
