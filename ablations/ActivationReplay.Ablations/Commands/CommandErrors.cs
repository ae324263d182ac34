using System.Reflection;
using ActivationReplay.Ablations.Clusters;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Errors;
using ActivationReplay.Ablations.Planning;
using ActivationReplay.Checkpoints;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Hub;
using ActivationReplay.Native;
using ActivationReplay.Replay.Recordings;
using ActivationReplay.Text;
using ActivationReplay.Training;
using ActivationReplay.Vision;

namespace ActivationReplay.Ablations.Commands;

/// <summary>Turns an exception that leaves a command into a line on standard error and an exit code, never a stack trace.</summary>
internal static class CommandErrors
{
    private const string LessMemory = " Fewer questions at a time (--batch) or smaller pictures need less memory.";

    /// <summary>Prints what went wrong. The details of a fault of the program itself go to a log.</summary>
    /// <param name="e">The exception.</param>
    /// <param name="command">The command line.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Report(Exception e, IReadOnlyList<string> command)
    {
        try
        {
            var known = Unwrap(e).FirstOrDefault(cause => CodeOf(cause) != ExitCode.Fault);
            var code = known is null ? ExitCode.Fault : CodeOf(known);
            Console.Error.WriteLine(code switch
            {
                ExitCode.Interrupted => "interrupted",
                ExitCode.Fault => Fault(e, command),
                _ => $"error: {known!.Message}",
            });
            return code;
        }
        catch (Exception failure) when (MemoryExhausted.IsCauseOf(failure))
        {
            // There is not even room to say more.
            Console.Error.WriteLine("error: memory ran out." + LessMemory);
            return ExitCode.Fault;
        }
    }

    private static string Fault(Exception e, IReadOnlyList<string> command)
    {
        var cause = Unwrap(e).First();
        var subject = ErrorContext.SubjectOf(e) is { } at ? $" ({at})" : "";
        var hint = MemoryExhausted.IsCauseOf(cause) ? LessMemory : "";
        return $"error: {ErrorLine.Of(cause)}{subject}{hint} The details are in {ErrorLog.Write(e, command)}";
    }

    // The causes, outermost first, without exceptions that only wrap others: of parallel workers and of type initialisers.
    private static IEnumerable<Exception> Unwrap(Exception e) => e switch
    {
        AggregateException all => all.InnerExceptions.SelectMany(Unwrap),
        TargetInvocationException or TypeInitializationException when e.InnerException is { } inner => Unwrap(inner),
        _ => [e],
    };

    private static int CodeOf(Exception e) => e switch
    {
        OperationCanceledException => ExitCode.Interrupted,
        CheckpointException or HubException or TokenizerException or LibtorchException or GpuDriverException => ExitCode.Checkpoint,
        IOException or UnauthorizedAccessException or InvalidDataException or DatasetException or MediaException
            or RecordingException or MemoryPlanException or ConfigurationException or TrainingConfigException or SlurmException => ExitCode.Usage,
        ArgumentException argument when IsOfTheUser(argument) => ExitCode.Usage,
        _ => ExitCode.Fault,
    };

    // Argument exceptions of this project are about the user's input. Those of a library show a mistake in the project, unless they
    // are about a path.
    private static bool IsOfTheUser(ArgumentException e) =>
        e.ParamName is "path" || e.ParamName?.StartsWith("--", StringComparison.Ordinal) == true
        || (e is not ArgumentNullException && e.TargetSite?.Module.Assembly.GetName().Name?.StartsWith(nameof(ActivationReplay), StringComparison.Ordinal) == true);
}
