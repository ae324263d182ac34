using System.CommandLine;
using System.Globalization;
using ActivationReplay.Ablations.Bundles;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>ls</c>, <c>show</c>, <c>report</c>, <c>merge</c>: what can be done with runs on disk, without models.</summary>
internal static class StoredRunCommands
{
    // Another merge of the same shards takes seconds, of many long answers some minutes.
    private static readonly TimeSpan s_mergePatience = TimeSpan.FromMinutes(10);

    public static Command List()
    {
        var folder = new Argument<string?>("FOLDER") { Description = "Where runs are; default results/.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("ls", "List runs and how far they are.") { folder };
        command.SetAction(parsed => List(parsed.GetValue(folder) is not { } named ? RepositoryPaths.Find("results")
            : Directory.Exists(named) ? named
            : throw new ArgumentException($"{named} is no folder; ls lists the runs in one.")));
        return command;
    }

    public static Command Show()
    {
        var run = RunArgument();
        var command = new Command("show", "Print the table of a run, finished or not.") { run };
        command.SetAction(parsed =>
        {
            using var source = RunSource.Open(parsed.GetRequiredValue(run));
            var stored = source.Read();
            CommandLine.Output.WriteLine($"{stored.Name}: {stored.State}, {stored.Manifest.Started}, {stored.Manifest.Command}");
            RunTables.Print(stored.Report(), stored.Config, stored.Path, stored.Name);
            if (stored.Loss is { } loss)
            {
                CommandLine.Output.MarkupLineInterpolated($"[yellow]note:[/] {loss}");
            }

            return stored.Failed == 0 ? ExitCode.Success : ExitCode.RowsFailed;
        });
        return command;
    }

    public static Command Report()
    {
        var run = RunArgument();
        var overwrite = new Option<bool>("--overwrite") { Description = "Make them even where the tables that are there hold more answers than the journal." };
        var command = new Command("report", "Make the tables, plots and report.html of a run again from its journal.") { run, overwrite };
        command.SetAction(parsed =>
        {
            using var source = RunSource.Open(parsed.GetRequiredValue(run));
            var path = source.Bundle is { } bundle ? RunSource.FolderOf(bundle) : source.Folder;
            RefuseLoss(source.Read(), parsed.GetValue(overwrite));
            source.CopyTo(path);
            // Read again when it is held: the run that had it may have added answers.
            using var held = RunFolder.Open(path, Console.Error.WriteLine);
            var stored = StoredRun.Read(path);
            RefuseLoss(stored, parsed.GetValue(overwrite));
            var report = stored.Report();
            RunFiles.Write(path, report, stored.Entries);
            RunTables.Print(report, stored.Config, stored.Path, stored.Name);
            return ExitCode.Success;
        });
        return command;
    }

    public static Command Merge()
    {
        var runs = new Argument<string[]>("RUN") { Description = "Folders or bundles of shards, or the folder of one run that was submitted.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string?>("--out", "-o") { Description = "The folder of the whole run; default that of a submitted run." };
        var command = new Command("merge", "Join the shards of one run; what is missing is said, and the exit code is 1 then.") { runs, output };
        command.SetAction((parsed, cancel) => Task.FromResult(
            Merge(parsed.GetRequiredValue(runs), parsed.GetValue(output), cancel)));
        return command;
    }

    /// <summary>Joins shards and prints the table of the whole run.</summary>
    /// <param name="runs">Folders or bundles of shards, or the folder of one submitted run.</param>
    /// <param name="output">The folder of the whole run, or null for that of the submitted run.</param>
    /// <param name="cancel">Gives up waiting for another process that merges there.</param>
    public static int Merge(IReadOnlyList<string> runs, string? output, CancellationToken cancel)
    {
        var submitted = runs is [var named] && StoredRun.Locate(named) is var run && Submission.IsIn(run) ? run : null;
        var target = Path.GetFullPath(output ?? submitted ?? throw new ArgumentException("--out is missing: the folder of the whole run."));
        var sources = new List<RunSource>();
        IReadOnlyList<string> missing;
        try
        {
            foreach (var shard in submitted is null ? runs : [])
            {
                sources.Add(RunSource.Open(shard));
            }

            missing = RunMerge.Merge(
                () => [.. submitted is null ? sources.Select(s => s.Read()) : Begun(submitted).Select(StoredRun.Read)],
                target, s_mergePatience, Console.Error.WriteLine, cancel);
        }
        finally
        {
            sources.ForEach(s => s.Dispose());
        }

        var whole = StoredRun.Read(target);
        RunTables.Print(whole.Report(), whole.Config, target);
        if (missing.Count > 0)
        {
            CommandLine.Output.MarkupLineInterpolated($"[yellow]note:[/] not in it: {string.Join(", ", missing)}");
        }

        return whole.Failed == 0 && missing.Count == 0 ? ExitCode.Success : ExitCode.RowsFailed;
    }

    private static List<string> Begun(string run) =>
        Submission.Read(run).Shards.Select(s => Submission.Folder(run, s)).Where(f => File.Exists(RunFolder.Manifest(f))).ToList() is { Count: > 0 } begun
            ? begun
            : throw new ArgumentException($"{run}: none of its shards has begun, so there is nothing to merge.");

    private static void RefuseLoss(StoredRun stored, bool overwrite)
    {
        if (stored.Entries.Count == 0)
        {
            var loss = stored.Loss ?? $"{stored.Name} holds no answer (journal.jsonl), so there is nothing to make files of.";
            throw new ArgumentException($"{loss} This computes it again, in its place with --resume discard, or with another --out:\n{stored.Commands}");
        }

        if (stored.Loss is { } fewer && !overwrite)
        {
            throw new ArgumentException($"{fewer} This computes what the journal lacks, and --overwrite makes the files of fewer answers:\n{stored.Commands}");
        }
    }

    /// <summary>The run that a command reads.</summary>
    internal static Argument<string> RunArgument() => new("RUN") { Description = "A run's folder, its name under results/, or its bundle." };

    private static int List(string folder)
    {
        var runs = Directory.Exists(folder)
            ? Directory.GetFiles(folder, "run.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => Path.GetDirectoryName(f)!)
            : [];
        var table = new Table().AddColumns("run", "state", "questions", "cells", "answers", "errors", "shard", "started");
        foreach (var run in runs)
        {
            var name = Markup.Escape(Path.GetRelativePath(folder, run));
            try
            {
                AddRow(table, name, StoredRun.Read(run));
            }
            catch (InvalidDataException e)
            {
                table.AddRow(name, "unreadable: " + Markup.Escape(e.Message));
            }
        }

        CommandLine.Output.Write(table);
        return ExitCode.Success;
    }

    private static void AddRow(Table table, string name, StoredRun run) => table.AddRow(
        name,
        run.State,
        Number(run.Manifest.Questions),
        Number(run.Config.Cells.Count),
        $"{Number(run.Done)} of {Number(run.Manifest.Answers)}",
        Number(run.Failed),
        run.Manifest.Shard ?? "",
        run.Manifest.Started);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
