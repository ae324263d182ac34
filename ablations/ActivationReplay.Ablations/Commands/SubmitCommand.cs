using System.CommandLine;
using ActivationReplay.Ablations.Clusters;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Planning;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Checkpoints;
using ActivationReplay.Native;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>submit CONFIG --shards N</c>: computes a run in shards, as jobs of Slurm or as processes of this machine.</summary>
internal sealed class SubmitCommand
{
    private static readonly IReadOnlyList<string> s_program = OwnProgram.Of(typeof(SubmitCommand).Assembly);

    private readonly ConfigOptions configuration = new();

    private readonly Option<string?> output = new("--out", "-o") { Description = "The run's folder; default results/NAME. Shards lie below it, and are merged into it." };

    private readonly Option<int?> shards = new("--shards") { Description = "How many parts; with --local as many as processes, if nothing is said." };

    private readonly Option<int?> local = new("--local")
    {
        Description = "Compute on this machine, in so many processes at a time: one a GPU, or an equal share of the cores each. A process that dies is started anew.",
    };

    private readonly Option<string?> partition = new("--partition") { Description = "The cluster's partition." };

    private readonly Option<int?> gpus = new("--gpus") { Description = "GPUs of a shard; default as many as --device names." };

    private readonly Option<int?> cpus = new("--cpus") { Description = "Cores of a shard." };

    private readonly Option<string?> time = new("--time") { Description = "Time limit of a job, for example 4:00:00. A shard is told a minute before, and keeps what it has." };

    private readonly Option<int?> arrayLimit = new("--array-limit") { Description = "The most shards at the same time." };

    private readonly Option<string[]> more = new("--sbatch-option") { Description = "A further option of sbatch's for all jobs, for example --sbatch-option=--account=vision. May be given again." };

    private readonly Option<string?> template = new("--template")
    {
        Description = "A job file of one's own with {{directives}}, {{folder}} and {{command}} where those belong.",
    };

    private readonly Option<bool> wait = new("--wait") { Description = "Follow until all jobs are over; Ctrl+C stops following alone." };

    private readonly Option<double> every = StatusCommand.Every();

    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Write the job files, print the commands that submit them, and stop." };

    public static Command Create()
    {
        var submit = new SubmitCommand();
        var command = new Command("submit", "Compute a run in shards: a Slurm array and a job that merges it, or processes of this machine (--local). The same command goes on where shards stopped.");
        submit.configuration.AddTo(command);
        foreach (var option in new Option[]
        {
            submit.output, submit.shards, submit.local, submit.partition, submit.gpus, submit.cpus, submit.time, submit.arrayLimit, submit.more,
            submit.template, submit.wait, submit.every, submit.dryRun,
        })
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancel) => submit.Run(parsed, cancel));
        return command;
    }

    private async Task<int> Run(ParseResult parsed, CancellationToken cancel)
    {
        var config = configuration.Read(parsed);
        var processes = parsed.GetValue(local);
        if (processes < 1)
        {
            throw new ArgumentException($"--local {processes}: allowed is a number of processes from 1.");
        }

        var count = parsed.GetValue(shards) ?? processes ?? throw new ArgumentException("--shards is missing: in how many parts is the run computed?");
        var seconds = StatusCommand.Seconds(every, parsed);
        var run = Path.GetFullPath(parsed.GetValue(output) ?? RepositoryPaths.Find("results", config.Name));
        Libtorch.Load();
        CheckpointPair.Open(config.Pair.Base, config.Pair.Rlvr).Dispose();
        var submission = RunSharding.Of(run, config, QuestionFile.Read(config), count, CommandLines.Of(parsed));
        IReadOnlyList<string> command = ["run", .. configuration.Arguments(parsed), .. LibtorchOptions.Arguments()];
        return processes is { } p
            ? await Local(run, submission, command, config, p, seconds, parsed.GetValue(dryRun), cancel)
            : Slurm(run, submission, command, config, seconds, parsed, cancel);
    }

    private int Slurm(
        string run, Submission submission, IReadOnlyList<string> command, RunConfig config, TimeSpan seconds, ParseResult parsed, CancellationToken cancel)
    {
        var options = new JobOptions
        {
            Partition = parsed.GetValue(partition),
            Gpus = parsed.GetValue(gpus) ?? LocalSlots.GpusOf(PairDevices.Parse(config.Pair.Device)),
            Cpus = parsed.GetValue(cpus),
            Time = parsed.GetValue(time),
            ArrayLimit = parsed.GetValue(arrayLimit),
            More = parsed.GetValue(more) ?? [],
        }.Checked();
        var text = parsed.GetValue(template) is { } path ? JobFiles.Check(path, File.ReadAllText(path)) : JobFiles.DefaultTemplate.ReplaceLineEndings("\n");
        var files = new JobFiles(run, submission.Answers.Count, Environment.CurrentDirectory, s_program, options, text);
        submission = new JobFolder(run, Console.Error.WriteLine).Write(submission, (JobFiles.Shards, files.ShardsText(command)), (JobFiles.Merge, files.MergeText()));
        var (array, merge) = (JobFolder.PathOf(run, JobFiles.Shards), JobFolder.PathOf(run, JobFiles.Merge));
        if (parsed.GetValue(dryRun))
        {
            CommandLine.Lines(
            [
                $"written: {array}, {merge}. This submits them:",
                $"  id=$(sbatch --parsable {CommandLines.Join([array])})",
                $"  sbatch --dependency=afterany:\"$id\" {CommandLines.Join([merge])}",
            ]);
            return ExitCode.Success;
        }

        RefuseActive(run, submission);
        var open = RunSharding.Open(run, submission);
        RefuseHeld(run, open);
        string[] after = [];
        if (open.Count > 0)
        {
            var limit = options.ArrayLimit is { } most ? $"%{most}" : "";
            var job = Clusters.Slurm.Submit(
                array, [.. open.Select(s => s.Index)], open.Count == submission.Answers.Count ? [] : [$"--array={string.Join(',', open.Select(s => s.Index))}{limit}"]);
            submission = Add(run, submission, job);
            CommandLine.Lines([$"job {job.Id}: shards {string.Join(", ", open.Select(s => s.Index))} of {submission.Answers.Count}"]);
            after = [$"--dependency=afterany:{job.Id}"];
        }

        var merging = Clusters.Slurm.Submit(merge, [], after);
        submission = Add(run, submission, merging);
        CommandLine.Lines([$"job {merging.Id}: merges them into {run}", $"status {CommandLines.Join([run])} says how far they are"]);
        return parsed.GetValue(wait) ? StatusCommand.Print(run, wait: true, seconds, cancel) : ExitCode.Success;
    }

    private static async Task<int> Local(
        string run, Submission submission, IReadOnlyList<string> command, RunConfig config, int processes, TimeSpan every, bool isDryRun, CancellationToken cancel)
    {
        var devices = PairDevices.Parse(config.Pair.Device);
        var onGpu = LocalSlots.GpusOf(devices) > 0;
        processes = Math.Min(processes, submission.Answers.Count);
        var slots = LocalSlots.Of(
            processes, devices, Environment.ProcessorCount, onGpu ? new NvidiaDriver().Devices().Count : 0, Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES"));

        // Each process would plan with the machine's memory. An equal share is the same for all, and so are the sizes that they choose.
        string[] memory = !onGpu && config.Pair.Memory == MemoryLimit.Default && SystemMemory.Here.Of("cpu") is { } all
            ? [FormattableString.Invariant($"--memory={MemoryBudget.UsedByAShard * all.Total / 1e9 / processes:0.###}")]
            : [];
        IReadOnlyList<string> Start(Shard shard) =>
            [.. s_program, .. command, .. memory, "--shard", shard.ToString(), "--out", Submission.Folder(run, shard)];
        var open = RunSharding.Open(run, submission);
        if (isDryRun)
        {
            CommandLine.Lines(open.Select(s => CommandLines.Join(Start(s))));
            return ExitCode.Success;
        }

        try
        {
            RefuseActive(run, submission);
        }
        catch (SlurmException e)
        {
            Console.Error.WriteLine($"Whether jobs of an earlier submission still wait cannot be told: {e.Message}");
        }

        RefuseHeld(run, open);
        Directory.CreateDirectory(Path.Combine(run, Submission.Jobs));
        submission.Write(run);
        var work = new LocalShards(run, submission, slots, Start);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var ended = work.Begin(open, stop.Token);
        try
        {
            ShardProgress.Follow(work.Look, every, cancel);
        }
        finally
        {
            if (cancel.IsCancellationRequested || !work.IsOver)
            {
                await stop.CancelAsync();
            }

            await ended;
        }

        if (cancel.IsCancellationRequested)
        {
            Console.Error.WriteLine($"interrupted; what was finished is in {run}. This goes on:\n  {CommandLines.Program} {submission.Command}");
            return ExitCode.Interrupted;
        }

        return Math.Max(StatusCommand.Code(work.Look()), StoredRunCommands.Merge([run], null, cancel));
    }

    private static void RefuseActive(string run, Submission submission)
    {
        if (new SlurmWatch(run, submission).ActiveJobs() is { Count: > 0 } active)
        {
            throw new ArgumentException($"{run}: jobs of this run wait or run ({string.Join(", ", active)}); status {CommandLines.Join([run])} --wait follows them, scancel ends them.");
        }
    }

    private static void RefuseHeld(string run, IReadOnlyList<Shard> open)
    {
        if (open.Where(s => RunFolder.IsHeld(Submission.Folder(run, s))).ToList() is { Count: > 0 } held)
        {
            throw new FolderHeldException($"{run}: other processes are writing shards {string.Join(", ", held)}; wait for them.");
        }
    }

    private static Submission Add(string run, Submission submission, SubmittedJob job)
    {
        var added = submission with { Submitted = [.. submission.Submitted, job] };
        added.Write(run);
        return added;
    }
}
