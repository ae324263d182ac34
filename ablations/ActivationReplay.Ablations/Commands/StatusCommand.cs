using System.CommandLine;
using ActivationReplay.Ablations.Clusters;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>status RUN</c>: how far the shards of a submitted run are, by their journals and the queue.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var run = StoredRunCommands.RunArgument();
        var wait = new Option<bool>("--wait") { Description = "Follow until nothing of it runs or waits; Ctrl+C stops following alone." };
        var every = Every();
        var command = new Command("status", "Print how far the shards of a submitted run are: their journals, and squeue.") { run, wait, every };
        command.SetAction((parsed, cancel) => Task.FromResult(Print(
            StoredRun.Locate(parsed.GetRequiredValue(run)), parsed.GetValue(wait), Seconds(every, parsed), cancel)));
        return command;
    }

    /// <summary>The option for the time between two looks at the queue.</summary>
    public static Option<double> Every() => new("--every")
    {
        Description = "Seconds between two looks at the queue and the journals.",
        DefaultValueFactory = _ => 5,
    };

    /// <summary>Its value.</summary>
    /// <exception cref="ArgumentException">It is not above 0.</exception>
    public static TimeSpan Seconds(Option<double> every, ParseResult parsed) => parsed.GetValue(every) is > 0 and < 86400 and var seconds
        ? TimeSpan.FromSeconds(seconds)
        : throw new ArgumentException($"--every {parsed.GetValue(every)}: allowed is a number of seconds above 0.");

    /// <summary>Prints the shards of a run once, or follows them.</summary>
    /// <returns>Success where all answers are there without an error.</returns>
    public static int Print(string run, bool wait, TimeSpan every, CancellationToken cancel)
    {
        var submission = Submission.Read(run);
        var watch = new SlurmWatch(run, submission);
        RunStatus status;
        if (wait)
        {
            status = ShardProgress.Follow(watch.Look, every, cancel);
            if (cancel.IsCancellationRequested && !status.IsOver)
            {
                Console.Error.WriteLine($"no longer followed; the jobs go on. scancel {string.Join(' ', submission.Submitted.Select(j => j.Id))} ends them.");
                return ExitCode.Interrupted;
            }
        }
        else
        {
            status = watch.Look();
            CommandLine.Output.Write(ShardProgress.Table(status));
        }

        return Code(status);
    }

    /// <summary>The exit code of a run's state.</summary>
    public static int Code(RunStatus status) =>
        status.Shards.All(s => s.State == ShardCounts.Finished && s.Failed == 0) ? ExitCode.Success : ExitCode.RowsFailed;
}
