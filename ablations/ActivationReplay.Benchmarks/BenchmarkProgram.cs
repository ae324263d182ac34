using System.CommandLine;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Benchmarks.Children;
using ActivationReplay.Benchmarks.Configs;
using ActivationReplay.Benchmarks.Costs;
using ActivationReplay.Benchmarks.Goals;
using ActivationReplay.Benchmarks.Gpu;
using ActivationReplay.Benchmarks.Memory;
using ActivationReplay.Benchmarks.PassK;
using ActivationReplay.Benchmarks.Roofline;
using ActivationReplay.Benchmarks.Videos;
using ActivationReplay.Benchmarks.Workloads;
using BenchmarkDotNet.Running;

namespace ActivationReplay.Benchmarks;

/// <summary>The command line: <c>goals</c>, <c>costs</c>, <c>roofline</c>, <c>passk</c>, <c>page</c>, <c>memory-plan</c>, <c>video</c>, <c>gpu</c>, else BenchmarkDotNet's own.</summary>
public static class BenchmarkProgram
{
    private static readonly MeasureCommandOptions Measured = new();

    /// <summary>Parses and runs.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Run(string[] args)
    {
        var root = new RootCommand("What replay costs. Without a command the arguments go to BenchmarkDotNet: --filter '*Loop*', --list flat.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        Measured.AddTo(root);
        var libtorch = new LibtorchOptions();
        libtorch.AddTo(root);
        root.SetAction(parsed => Switch(parsed));
        root.Subcommands.Add(Command("goals", "Measure every goal of speed and memory, side by side in one run.", options => GoalsCommand.Run(options)));
        root.Subcommands.Add(Command("costs", "Seconds and memory of a sample, plain RLVR against replay, part by part.", options => CostsCommand.Run(options)));
        root.Subcommands.Add(Command("roofline", "Measure every part against the machine's rates; a figure and a table.", options => RooflineCommand.Run(options)));
        root.Subcommands.Add(Command(PassKCommand.FileName, "A question with 32 answers a cell on the embedded pair, part by part, beside its needed operations.", PassKCommand.Run));
        root.Subcommands.Add(Command("page", "goals, costs and roofline, and their tables into docs/what-replay-costs.md.", CostsPage.Run));
        root.Subcommands.Add(Command(MemoryPlanCommand.FileName, "The planner's estimates of memory beside measured peaks, on pairs of several shapes.", MemoryPlanCommand.Run));
        root.Subcommands.Add(VideoCommand.Create(Measured));
        root.Subcommands.Add(GpuCommand.Create(Measured));
        root.Subcommands.Add(ChildCommand.Create(Measured));
        try
        {
            var parsed = root.Parse(args);
            libtorch.Apply(parsed);
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e)
        {
            return CommandErrors.Report(e, args);
        }
    }

    private static Command Command(string name, string description, Func<MeasureOptions, int> run)
    {
        var command = new Command(name, description);
        command.SetAction(parsed => run(Measured.Read(parsed)));
        return command;
    }

    private static int Switch(ParseResult parsed)
    {
        MeasureOptions.Current = Measured.Read(parsed);
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(BenchmarkProgram).Assembly)
            .Run([.. parsed.UnmatchedTokens], new MeasureConfig(MeasureOptions.Current.Output));
        return summaries.Any(s => s.HasCriticalValidationErrors || s.Reports.Any(r => !r.Success))
            ? ExitCode.RowsFailed
            : ExitCode.Success;
    }
}
