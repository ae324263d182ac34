using System.Reflection;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Errors;
using ActivationReplay.Checkpoints;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Native;
using ActivationReplay.Replay.Recordings;
using ActivationReplay.Text;
using ActivationReplay.Training;
using ActivationReplay.Vision;

namespace ActivationReplay.Ablations.Commands;

/// <summary>What becomes of an exception that reaches the top: a line on the error stream and an exit code, never a stack trace.</summary>
internal static class CommandErrors
{
    /// <summary>Says what went wrong; of a fault of the program itself the details go to a log.</summary>
    /// <param name="e">What reached the top.</param>
    /// <param name="command">The command line.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Report(Exception e, IReadOnlyList<string> command)
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

    private static string Fault(Exception e, IReadOnlyList<string> command)
    {
        var cause = Unwrap(e).First();
        var subject = ErrorContext.SubjectOf(e) is { } at ? $" ({at})" : "";
        var hint = cause is OutOfMemoryException ? " Fewer questions at a time (--batch) or smaller pictures need less memory." : "";
        return $"error: {ErrorLine.Of(cause)}{subject}{hint} The details are in {ErrorLog.Write(e, command)}";
    }

    // The causes, outermost first, without what only carries them: workers' errors, and failed initialisation of a type.
    private static IEnumerable<Exception> Unwrap(Exception e) => e switch
    {
        AggregateException all => all.InnerExceptions.SelectMany(Unwrap),
        TargetInvocationException or TypeInitializationException when e.InnerException is { } inner => Unwrap(inner),
        _ => [e],
    };

    private static int CodeOf(Exception e) => e switch
    {
        OperationCanceledException => ExitCode.Interrupted,
        CheckpointException or TokenizerException or LibtorchException or GpuDriverException => ExitCode.Checkpoint,
        IOException or UnauthorizedAccessException or InvalidDataException or DatasetException or MediaException
            or RecordingException or ConfigurationException or TrainingConfigException => ExitCode.Usage,
        ArgumentException argument when IsOfTheUser(argument) => ExitCode.Usage,
        _ => ExitCode.Fault,
    };

    // Those that the project throws itself say what is allowed; those of a library tell of a mistake in the project, except
    // of a path.
    private static bool IsOfTheUser(ArgumentException e) =>
        e.ParamName is "path" || e.ParamName?.StartsWith("--", StringComparison.Ordinal) == true
        || (e is not ArgumentNullException && e.TargetSite?.Module.Assembly.GetName().Name?.StartsWith(nameof(ActivationReplay), StringComparison.Ordinal) == true);
}
