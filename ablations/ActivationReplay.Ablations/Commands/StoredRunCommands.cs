using System.CommandLine;
using System.Globalization;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Runs;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>ls</c>, <c>show</c>, <c>report</c>, <c>merge</c>: what can be done with runs on disk, without models.</summary>
internal static class StoredRunCommands
{
    public static Command List()
    {
        var folder = new Argument<string?>("FOLDER") { Description = "Where runs are; default results/.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("ls", "List runs and how far they are.") { folder };
        command.SetAction(parsed => List(parsed.GetValue(folder) ?? RepositoryPaths.Find("results")));
        return command;
    }

    public static Command Show()
    {
        var run = RunArgument();
        var command = new Command("show", "Print the table of a run, finished or not.") { run };
        command.SetAction(parsed =>
        {
            var stored = StoredRun.Read(Locate(parsed.GetRequiredValue(run)));
            CommandLine.Output.WriteLine($"{stored.Path}: {stored.Manifest.Started}, {stored.Manifest.Command}");
            RunTables.Print(stored.Report(), stored.Path);
            return stored.Failed == 0 ? ExitCode.Success : ExitCode.RowsFailed;
        });
        return command;
    }

    public static Command Report()
    {
        var run = RunArgument();
        var command = new Command("report", "Make the tables, plots and report.html of a run again from its journal.") { run };
        command.SetAction(parsed =>
        {
            var stored = StoredRun.Read(Locate(parsed.GetRequiredValue(run)));
            var report = stored.Report();
            report.Write(stored.Path);
            RunPage.Write(stored.Path, report, stored.Entries);
            RunTables.Print(report, stored.Path);
            return ExitCode.Success;
        });
        return command;
    }

    public static Command Merge()
    {
        var runs = new Argument<string[]>("RUN") { Description = "Folders of shards.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--out", "-o") { Description = "The folder of the whole run.", Required = true };
        var command = new Command("merge", "Join the shards of one run.") { runs, output };
        command.SetAction(parsed =>
        {
            var target = parsed.GetRequiredValue(output);
            StoredRun.Merge([.. parsed.GetRequiredValue(runs).Select(Locate)], target);
            RunTables.Print(StoredRun.Read(target).Report(), target);
            return ExitCode.Success;
        });
        return command;
    }

    private static Argument<string> RunArgument() => new("RUN") { Description = "A run's folder, or its name under results/." };

    private static string Locate(string run) =>
        Directory.Exists(run) ? run : RepositoryPaths.Find("results", run);

    private static int List(string folder)
    {
        var runs = Directory.Exists(folder)
            ? Directory.GetFiles(folder, "run.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => Path.GetDirectoryName(f)!)
            : [];
        var table = new Table().AddColumns("run", "started", "cells", "answers", "errors", "shard");
        foreach (var run in runs.Select(StoredRun.Read))
        {
            table.AddRow(
                Markup.Escape(Path.GetRelativePath(folder, run.Path)),
                run.Manifest.Started,
                run.Config.Cells.Count.ToString(CultureInfo.InvariantCulture),
                run.Done.ToString(CultureInfo.InvariantCulture),
                run.Failed.ToString(CultureInfo.InvariantCulture),
                run.Manifest.Shard ?? "");
        }

        CommandLine.Output.Write(table);
        return ExitCode.Success;
    }
}
