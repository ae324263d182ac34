using System.CommandLine;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Checkpoints;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Native;
using ActivationReplay.Text;
using ActivationReplay.Training;
using ActivationReplay.Vision;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary>The commands and what becomes of their errors.</summary>
public static class CommandLine
{
    /// <summary>Parses and runs.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Activation Replay (arXiv 2511.19972): repairs RLVR-trained Qwen2.5-VL models at test time.")
        {
            RunCommand.Create(),
            ValidateCommand.Create(),
            StoredRunCommands.List(),
            StoredRunCommands.Show(),
            StoredRunCommands.Report(),
            StoredRunCommands.Merge(),
            SchemaCommand.Create(),
            ReplayCommand.Create(),
            LensCommand.Create(),
            CalibrateCommand.Create(),
            ParityCommand.Create(),
            TrainCommand.Create(),
            MakeDatasetCommand.Create(),
            MakeCheckpointCommand.Create(),
            EvaluateCommand.Create(),
            VerifyCommand.Create(),
        };
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync("--help lists commands and options.");
            return ExitCode.Usage;
        }

        using var interrupt = new CancellationTokenSource();
        ConsoleCancelEventHandler onCancel = (_, e) =>
        {
            // The first Ctrl+C finishes the sample at hand; a second one kills the process.
            e.Cancel = !interrupt.IsCancellationRequested;
            interrupt.Cancel();
        };
        Console.CancelKeyPress += onCancel;
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                // The handler above is the only one: nothing ends a command that is finishing its sample.
                ProcessTerminationTimeout = null,
            }, interrupt.Token);
        }
        catch (Exception e) when (e is CheckpointException or TokenizerException or LibtorchException)
        {
            return Fail(e, ExitCode.Checkpoint);
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException
            or InvalidDataException or DatasetException or MediaException or ConfigurationException
            or TrainingConfigException)
        {
            return Fail(e, ExitCode.Usage);
        }
        finally
        {
            Console.CancelKeyPress -= onCancel;
        }
    }

    private static int Fail(Exception e, int code)
    {
        Console.Error.WriteLine($"error: {e.Message}");
        return code;
    }

    /// <summary>A console for people; plain lines, wide enough for a table, where output is not a terminal.</summary>
    internal static IAnsiConsole Output { get; } = CreateOutput();

    private static IAnsiConsole CreateOutput()
    {
        const int RedirectedWidth = 160;
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = RedirectedWidth;
        }

        return console;
    }
}
