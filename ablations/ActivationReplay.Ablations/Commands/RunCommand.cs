using System.CommandLine;
using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Errors;
using ActivationReplay.Ablations.Execution;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Checkpoints;
using ActivationReplay.Evaluation.Datasets;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>run [CONFIG]</c>: computes a matrix of methods and settings on a data set; goes on where it stopped.</summary>
internal sealed class RunCommand
{
    private readonly ConfigOptions configuration = new();

    private readonly Option<string?> output = new("--out", "-o")
    {
        Description = "The run's folder; default results/NAME. The same configuration goes on there.",
    };

    private readonly Option<string?> shard = new("--shard") { Description = "I/N: only every N-th batch of questions, from the I-th; merge joins the parts." };

    private readonly Option<bool> requeue = new("--requeue")
    {
        Description = "Where SIGTERM ends it after it finished some answers, end with 75 and not 143, for a cluster that queues such jobs again"
            + " (Slurm: RequeueExit=75). A start that finished none would go round for ever.",
    };

    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Print the cells, the plan of memory and the differences that the run can show, and stop." };

    private readonly PowerOptions power = new();

    private readonly Option<string> resume = new Option<string>("--resume")
    {
        Description = "What to do with answers that the folder holds. same: go on if they are of the same configuration, else refuse and"
            + " say what differs. never: refuse. discard: begin anew.",
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => "same",
    }.AcceptOnlyFromAmong("same", "never", "discard");

    public static Command Create()
    {
        var run = new RunCommand();
        var command = new Command("run", "Answer a data set with every cell of a configuration; write a journal, CSV tables and a summary.");
        run.configuration.AddTo(command);
        command.Options.Add(run.output);
        command.Options.Add(run.shard);
        command.Options.Add(run.resume);
        command.Options.Add(run.requeue);
        command.Options.Add(run.dryRun);
        run.power.AddTo(command);
        command.SetAction((parsed, cancel) => Task.FromResult(run.Run(parsed, cancel)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        power.Check(parsed);
        if (!parsed.GetValue(dryRun) && power.Given(parsed) is [var given, ..])
        {
            throw new ArgumentException($"{given} goes with {dryRun.Name}, or with validate: the power is computed before the run.");
        }

        var config = configuration.Read(parsed);
        var part = parsed.GetValue(shard) is { } text ? Shard.Parse(text) : (Shard?)null;
        var rows = QuestionFile.Read(config);
        var path = Path.GetFullPath(parsed.GetValue(output) ?? RepositoryPaths.Find("results", config.Name));
        if (parsed.GetValue(dryRun))
        {
            PrintCells(config, rows.Count, part, path);
            PrintPlan(config, rows, part, cancel);
            power.Print(parsed, config, rows, () => Fingerprints(config), secondsAQuestion: null);
            return ExitCode.Success;
        }

        var mode = Enum.Parse<ResumeMode>(parsed.GetValue(resume) ?? "same", ignoreCase: true);
        StoredRun.RefuseTablesAlone(path, mode);
        // Before the folder is made.
        Native.PairDevices.Parse(config.Pair.Device).Open();
        var kept = mode == ResumeMode.Same && RunFolder.HasAnswers(path) ? RunManifest.Read(path).Sizes : null;
        var sizes = RunPlanning.Of(config, rows, part is not null, kept, show: null, cancel)?.Plan.Sizes ?? WorkSizes.Whole;
        return ErrorContext.In(path, () => Compute(config, rows, part, path, mode, sizes, parsed, cancel));
    }

    private int Compute(
        RunConfig config, IReadOnlyList<DatasetRow> rows, Shard? part, string path, ResumeMode mode, WorkSizes sizes,
        ParseResult parsed, CancellationToken cancel)
    {
        using var folder = RunFolder.Open(path, Console.Error.WriteLine, cancel: cancel);
        using var pair = ModelOptions.Load(config.Pair, sizes.VocabularyRows);
        MatrixRun.Check(config, pair.Layers);
        var batches = QuestionBatches.Of(rows, config.Batch, part);
        var questions = batches.Sum(b => b.Count);
        if (mode == ResumeMode.Discard)
        {
            // The tables go before the answers that they were made of: they are never of more than the journal.
            RunFiles.Delete(path);
        }

        RunClaim.Take(folder, Manifest(config, pair, rows, part, questions, CommandLines.Of(parsed)) with { Sizes = sizes }, mode);
        foreach (var note in pair.Notes)
        {
            CommandLine.Output.MarkupLineInterpolated($"[yellow]note:[/] {note}");
        }

        var before = folder.Entries.Count;
        RunProgress.Show(config, questions, onBatch => new MatrixRun(pair, config, folder, sizes).Run(batches, onBatch, cancel));
        folder.Check();
        var report = RunReport.Of(config, folder.Entries.Values);
        if (StoredTables.Read(path)?.HoldMoreThan(report, config.Generation.Samples) == true)
        {
            Console.Error.WriteLine($"{path}: the tables of an earlier call hold more answers than the journal does yet; until it has as many they stay as they are.");
        }
        else
        {
            RunFiles.Write(path, report, folder.Entries.Values);
        }

        RunTables.Print(report, config, path);
        if (cancel.IsCancellationRequested)
        {
            Console.Error.WriteLine($"interrupted; what was finished is in {path}. This goes on:\n  {CommandLines.Program} {CommandLines.Of(parsed)}");
            return parsed.GetValue(requeue) && folder.Entries.Count > before ? ExitCode.Requeue : ExitCode.Interrupted;
        }

        return report.Samples.Any(r => r.Error is not null) ? ExitCode.RowsFailed : ExitCode.Success;
    }

    private static RunManifest Manifest(
        RunConfig config, ReplayPair pair, IReadOnlyList<DatasetRow> rows, Shard? part, int questions, string command)
    {
        var started = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        return new RunManifest
        {
            Config = config,
            JournalForm = JournalKeys.FormOf(config),
            BaseFingerprint = pair.Checkpoints.Base.Fingerprint,
            RlvrFingerprint = pair.Checkpoints.Rlvr.Fingerprint,
            Command = command,
            Started = started,
            Shard = part?.ToString(),
            Questions = questions,
            QuestionsFingerprint = QuestionSet.Fingerprint(rows),
            Sessions = [new RunSession(command, started, EnvironmentReader.Read(config.Pair.Device, CpuThreads.Workers(pair)))],
        };
    }

    // Without its checkpoint a configuration can be looked at, too.
    private static bool HasCheckpoints(RunConfig config) => CheckpointFolder.Find(config.Pair.Base) is not null && CheckpointFolder.Find(config.Pair.Rlvr) is not null;

    private static (string Base, string Rlvr)? Fingerprints(RunConfig config)
    {
        if (!HasCheckpoints(config))
        {
            return null;
        }

        using var pair = CheckpointPair.Open(config.Pair.Base, config.Pair.Rlvr);
        return (pair.Base.Fingerprint, pair.Rlvr.Fingerprint);
    }

    private static void PrintPlan(RunConfig config, IReadOnlyList<DatasetRow> rows, Shard? part, CancellationToken cancel)
    {
        if (!HasCheckpoints(config))
        {
            CommandLine.Output.WriteLine("no plan of memory: the checkpoints are not there");
        }
        else
        {
            RunPlanning.Of(config, rows, part is not null, kept: null, plan => CommandLine.Lines(PlanTable.Lines(plan.Plan, plan.Budget)), cancel);
        }
    }

    private static void PrintCells(RunConfig config, int questions, Shard? part, string path)
    {
        CommandLine.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{config.Name}: {config.Cells.Count} cells on {questions} questions{(part is { } p ? $", of which shard {p}" : "")}, "
            + $"{config.Answers(questions)} answers, {config.Dataset}"));
        CommandLine.Output.WriteLine($"would be written to {path}");
        foreach (var cell in config.Cells)
        {
            CommandLine.Output.WriteLine($"  {cell.Id}");
        }
    }
}
