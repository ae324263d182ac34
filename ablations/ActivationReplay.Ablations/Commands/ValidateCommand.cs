using System.CommandLine;
using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Execution;
using ActivationReplay.Checkpoints;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>validate [CONFIG]</c>: checks all that can be checked without loading weights, and estimates the cost.</summary>
internal sealed class ValidateCommand
{
    private readonly ConfigOptions configuration = new();
    private readonly PowerOptions power = new();

    public static Command Create()
    {
        var validate = new ValidateCommand();
        var command = new Command("validate", "Check a configuration, its files and every row of its data set; estimate time, memory, disk and power.");
        validate.configuration.AddTo(command);
        validate.power.AddTo(command);
        command.SetAction((parsed, cancel) => Task.FromResult(validate.Run(parsed, cancel)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        power.Check(parsed);
        var config = configuration.Read(parsed);
        var devices = Native.PairDevices.Parse(config.Pair.Device).Open();
        using var pair = CheckpointPair.Open(config.Pair.Base, config.Pair.Rlvr);
        MatrixRun.Check(config, pair.Base.Config.Text.Layers);
        var processor = Processor.Load(pair.BaseProcessorFolder, pair.Base.Config);
        var rows = QuestionFile.Read(config);
        var (shapes, errors) = Measure(config, processor, rows, cancel);
        foreach (var error in errors)
        {
            Console.Error.WriteLine($"{config.Dataset}: {error}");
        }

        Say($"{config.Name}: {config.Cells.Count} cells, {rows.Count} questions ({errors.Count} bad rows), {config.Answers(rows.Count)} answers");
        foreach (var note in pair.Notes)
        {
            Say($"note: {note}");
        }

        if (RunPlanning.Of(config, pair, processor, rows, shapes, isShard: false) is not { } planning)
        {
            throw new DatasetException(config.Dataset, "no row can be used");
        }

        List<PromptShape> sizes = [.. shapes.OfType<PromptShape>()];
        Say($"prompts of {sizes.Min(s => s.Length)} to {sizes.Max(s => s.Length)} tokens, {sizes.Min(s => s.Visual)} to {sizes.Max(s => s.Visual)} of them visual");
        CommandLine.Lines(PlanTable.Lines(planning.Plan, planning.Budget));
        var seconds = Estimate(config, CostEstimate.Of(config, pair.Base.Config.Text, sizes), CostEstimate.Rate(config, devices.Rlvr));
        power.Print(
            parsed, config, [.. rows.Zip(shapes).Where(r => r.Second is not null).Select(r => r.First)],
            () => (pair.Base.Fingerprint, pair.Rlvr.Fingerprint), seconds / sizes.Count);
        planning.Check();
        return errors.Count == 0 ? ExitCode.Success : ExitCode.RowsFailed;
    }

    // Every picture is decoded and every prompt made, as the run would.
    private static (IReadOnlyList<PromptShape?> Shapes, IReadOnlyList<string> Errors) Measure(
        RunConfig config, Processor processor, IReadOnlyList<DatasetRow> rows, CancellationToken cancel)
    {
        var limits = new PixelLimits(config.MinPixels, config.MaxPixels);
        var measured = rows.AsParallel().AsOrdered().WithCancellation(cancel).Select(row =>
        {
            if (row.Sample is null)
            {
                return (Shape: (PromptShape?)null, Error: row.Error);
            }

            try
            {
                using var inputs = processor.Prepare(row.Sample.Conversation(config.SystemPrompt), limits);
                return (PromptShape.Of(inputs), null);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                return (null, $"{row.Id}: {e.Message}");
            }
        }).ToList();
        return ([.. measured.Select(m => m.Shape)], [.. measured.Select(m => m.Error).OfType<string>()]);
    }

    // Prints it; the seconds are of the whole run.
    private static double Estimate(RunConfig config, CostEstimate cost, double rate)
    {
        var seconds = Math.Min(cost.Operations / rate, TimeSpan.MaxValue.TotalSeconds / 2);
        var free = new DriveInfo(Path.GetPathRoot(Path.GetFullPath(RepositoryPaths.Find("results")))!).AvailableFreeSpace;
        Say($"time: at least {Durations.Text(TimeSpan.FromSeconds(seconds))} at {rate / 1e9:0} GFLOP/s on {config.Pair.Device}, answers of full length; small models take longer than their products");
        Say($"disk: {cost.DiskBytes / 1e6:0.0} MB, {free / 1e9:0.0} GB are free");
        if (cost.DiskBytes > free)
        {
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"The run needs {cost.DiskBytes} bytes of disk, {free} are free."));
        }

        return seconds;
    }

    private static void Say(FormattableString text) => CommandLine.Output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
