using System.CommandLine;
using ActivationReplay.Ablations.Outputs;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Ablations.Tables;
using ActivationReplay.Files;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>pool</c>: the mean difference to RLVR of cells over runs of several pairs, seeds or data sets.</summary>
internal static class PoolCommand
{
    private const string Name = "pool";

    public static Command Create()
    {
        var runs = TableCommand.RunsArgument();
        var k = new Option<int?>("--k") { Description = "Pool pass@k of passk.csv in place of the accuracy." };
        var output = new Option<string?>("--out", "-o") { Description = "A folder for pool.csv, pool-runs.csv, pool.md and forest.png; without it the table is printed alone." };
        var overwrite = Overwrite.Option();
        var command = new Command(Name, "Pool the differences to RLVR of cells that stand in several runs, by a random-effects model; forest plot.") { runs, k, output, overwrite };
        command.SetAction(parsed =>
        {
            TableCommand.RequireK(parsed.GetValue(k));
            using var folder = parsed.GetValue(output) is { } path
                ? OutputFolder.Open("--out", path, Name, CommandLines.Of(parsed), parsed.GetValue(overwrite), keepUnfinished: false)
                : null;
            var pooled = PooledRuns.Of(TableCommand.Read(parsed.GetRequiredValue(runs)), parsed.GetValue(k));
            var panel = PooledPanel.Of(pooled);
            TableCommand.Print([panel], pooled.Notes);
            if (folder is not null)
            {
                Write(folder.Path, pooled, panel, $"{CommandLines.Program} {CommandLines.Of(parsed)}");
                folder.Commit();
                CommandLine.Output.WriteLine($"pool.csv, pool-runs.csv, pool.md and {ForestPlot.FileName} are in {parsed.GetValue(output)}");
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void Write(string folder, PooledRuns pooled, TablePanel panel, string again)
    {
        var figure = ForestPlot.Of(pooled);
        CsvTable.Write(Path.Combine(folder, "pool.csv"), pooled.Cells.Select(c => c.Cell));
        CsvTable.Write(Path.Combine(folder, "pool-runs.csv"), pooled.Cells.SelectMany(c => c.Runs));
        AtomicFile.WriteBytes(Path.Combine(folder, ForestPlot.FileName), figure.Draw(PlotTheme.Light));
        AtomicFile.WriteText(
            Path.Combine(folder, "pool.md"),
            MarkdownTable.Of("Pooled runs", [panel], PooledPanel.Method, pooled.Notes, again, (ForestPlot.FileName, figure.Caption)));
    }
}
