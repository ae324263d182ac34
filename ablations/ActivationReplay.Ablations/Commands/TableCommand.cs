using System.CommandLine;
using ActivationReplay.Ablations.Bundles;
using ActivationReplay.Ablations.Outputs;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Ablations.Tables;
using ActivationReplay.Files;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>table</c>: joins runs into one table over benchmarks, pairs and methods.</summary>
internal static class TableCommand
{
    private const string Name = "table";

    private const string Method =
        "Intervals are bootstrapped over questions; gains are paired by question. The macro average counts each benchmark the same, and takes them for independent.";

    public static Command Create()
    {
        var runs = RunsArgument();
        var k = new Option<int?>("--k") { Description = "Join pass@k of passk.csv in place of the accuracy." };
        var output = new Option<string?>("--out", "-o") { Description = "A folder for table.csv, table.md, table.tex and gains.png; without it the table is printed alone." };
        var overwrite = Overwrite.Option();
        var command = new Command(Name, "Join runs into one table: pairs and methods by benchmarks, with gains, averages and published numbers.") { runs, k, output, overwrite };
        command.SetAction(parsed =>
        {
            RequireK(parsed.GetValue(k));
            using var folder = parsed.GetValue(output) is { } path
                ? OutputFolder.Open("--out", path, Name, CommandLines.Of(parsed), parsed.GetValue(overwrite), keepUnfinished: false)
                : null;
            var joined = JoinedRuns.Of(Read(parsed.GetRequiredValue(runs)), parsed.GetValue(k));
            var panels = TablePanel.Of(joined);
            Print(panels, joined.Notes);
            if (folder is not null)
            {
                var figure = GainFigure.Of(joined);
                Write(folder.Path, joined, panels, figure, $"{CommandLines.Program} {CommandLines.Of(parsed)}");
                folder.Commit();
                CommandLine.Output.WriteLine($"table.csv, table.md, table.tex{(figure is null ? "" : $" and {GainFigure.FileName}")} are in {parsed.GetValue(output)}");
            }

            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>The runs that are joined.</summary>
    internal static Argument<string[]> RunsArgument() =>
        new("RUN") { Description = "Runs' folders, their names under results/, or bundles.", Arity = ArgumentArity.OneOrMore };

    /// <summary>Refuses a k that no pass@k has.</summary>
    internal static void RequireK(int? k)
    {
        if (k is < 1 and var wrong)
        {
            throw new ArgumentException(FormattableString.Invariant($"--k {wrong}: allowed is a whole number from 1."));
        }
    }

    /// <summary>Reads runs. The last part of a path names a run, unless two have it.</summary>
    internal static List<TableRun> Read(IReadOnlyList<string> runs)
    {
        var shorts = runs.Select(r => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(r)))).ToList();
        return
        [
            .. runs.Zip(shorts, (run, name) =>
            {
                using var source = RunSource.Open(run);
                return TableRun.Of(source.Read(), shorts.Count(s => s == name) == 1 ? name : run);
            }),
        ];
    }

    private static void Write(string folder, JoinedRuns joined, IReadOnlyList<TablePanel> panels, Figure? figure, string again)
    {
        CsvTable.Write(Path.Combine(folder, "table.csv"), joined.Rows.SelectMany(r => r.Average is { } average ? [.. r.Cells, average] : r.Cells));
        AtomicFile.WriteText(Path.Combine(folder, "table.tex"), LatexTable.Of(panels, joined.Notes));
        if (figure is not null)
        {
            AtomicFile.WriteBytes(Path.Combine(folder, GainFigure.FileName), figure.Draw(PlotTheme.Light));
        }

        AtomicFile.WriteText(
            Path.Combine(folder, "table.md"),
            MarkdownTable.Of("Joined runs", panels, Method, joined.Notes, again, figure is null ? null : (GainFigure.FileName, figure.Caption)));
    }

    /// <summary>Prints panels and the sentences below them.</summary>
    internal static void Print(IReadOnlyList<TablePanel> panels, IReadOnlyList<string> notes)
    {
        foreach (var panel in panels)
        {
            var table = new Table().Title(Markup.Escape(panel.Title)).AddColumn("");
            foreach (var column in panel.Columns)
            {
                table.AddColumn(new TableColumn(Markup.Escape(column)).RightAligned());
            }

            foreach (var line in panel.Lines)
            {
                table.AddRow([.. new[] { line.Kind == LineKind.Own ? Markup.Escape(line.Label) : $"[italic]{Markup.Escape(line.Label)}[/]" }.Concat(line.Texts.Select(Markup.Escape))]);
            }

            CommandLine.Output.Write(table);
        }

        foreach (var note in notes)
        {
            CommandLine.Output.MarkupLineInterpolated($"[yellow]note:[/] {note}");
        }
    }
}
