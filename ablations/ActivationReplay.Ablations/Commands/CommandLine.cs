using System.CommandLine;
using System.CommandLine.Invocation;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary>The command line: all commands, and the handling of their errors.</summary>
public static class CommandLine
{
    /// <summary>Parses the arguments and runs the command.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(string[] args) => RunAsync(
        new RootCommand("Activation Replay (arXiv 2511.19972): repairs RLVR-trained Qwen2.5-VL models at test time.")
        {
            RunCommand.Create(),
            ValidateCommand.Create(),
            SubmitCommand.Create(),
            StatusCommand.Create(),
            StoredRunCommands.List(),
            StoredRunCommands.Show(),
            StoredRunCommands.Report(),
            StoredRunCommands.Merge(),
            TableCommand.Create(),
            PoolCommand.Create(),
            BundleCommand.Create(),
            SchemaCommand.Create(),
            ReplayCommand.Create(),
            AgentCommand.Create(),
            LensCommand.Create(),
            CalibrateCommand.Create(),
            PullCommand.Create(),
            ParityCommand.Create(),
            TrainCommand.Create(),
            MakeDatasetCommand.Create(),
            MakeCheckpointCommand.Create(),
            EvaluateCommand.Create(),
            VerifyCommand.Create(),
            DoctorCommand.Create(),
        },
        args);

    /// <summary>Parses the arguments and runs a command of <paramref name="root"/>.</summary>
    internal static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var libtorch = new LibtorchOptions();
        libtorch.AddTo(root);
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

        // A command that takes no token is ended by the first signal, as any process.
        using var interruption = parsed.Action is AsynchronousCommandLineAction ? new Interruption() : null;
        int code;
        try
        {
            libtorch.Apply(parsed);
            code = await parsed.InvokeAsync(
                // The interruption is the only handler: nothing ends a command that is writing what it has.
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                interruption?.Token ?? CancellationToken.None);
        }
        catch (Exception e)
        {
            code = CommandErrors.Report(e, args);
        }

        return interruption?.CodeOf(code) ?? code;
    }

    /// <summary>
    /// The console for tables and messages; if standard output is not a terminal, it writes plain lines of a fixed width.
    /// </summary>
    internal static IAnsiConsole Output { get; } = CreateOutput();

    /// <summary>Writes lines as they are, whatever the terminal's width.</summary>
    internal static void Lines(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            Console.Out.WriteLine(line);
        }
    }

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
